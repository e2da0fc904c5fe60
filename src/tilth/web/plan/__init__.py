"""The plan: one goal worked backwards, its chance, what could help, who signed it; and scenarios beside it."""
