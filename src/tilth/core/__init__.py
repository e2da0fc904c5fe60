"""Ground floor: values and rules. Plain Python; no Django, no input or output, no clock."""
