"""What benchmarks that write a lake of their own have in common: rows as its tables have them, and twelve media of unlike size."""

from typing import Any

MEDIA = [
    "organic", "cpc", "social", "email", "referral", "event", "display", "affiliate", "video", "partner", "sms", "print",
]  # fmt: skip
SHARES = [0.24, 0.18, 0.12, 0.10, 0.08, 0.06, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02]


def full(name: str, columns: dict[str, Any]) -> Any:
    """These columns, and the table's others, empty."""
    import pyarrow as pa

    from tilth.insight.lake import TABLES

    n = len(next(iter(columns.values())))

    def column(field: Any) -> Any:
        if field.name in columns:
            return pa.array(columns[field.name]).cast(field.type)
        return pa.repeat(pa.scalar("", field.type), n) if pa.types.is_string(field.type) else pa.nulls(n, field.type)

    return pa.table({field.name: column(field) for field in TABLES[name].columns})


def words(names: list[str], places: Any) -> Any:
    """Of each row the name at its place."""
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names)).cast(pa.string())
