"""The lake of the backtests, made anew after somebody was erased: its dictionaries hold what was known of them."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from tilth.core.forgetting import Ways
from tilth.insight.backtests import SILENT
from tilth.insight.models import Backtest, Kept


def clear(ways: Ways, now: datetime) -> bool:
    """Make it anew and throw the old files away; False while a backtest reads them, which is waited for."""
    Kept.objects.all().delete()  # results of reports are worked out again, without whatever was known of them
    folder = Path(settings.HOME) / "lake"
    if not (folder / "manifest.json").exists():
        return True
    if Backtest.objects.filter(state=Backtest.State.RUNNING, beat_at__gt=now - SILENT).exists():
        return False
    from tilth.insight import export  # only who analyses loads what it needs

    export.rebuild(now)
    export.forget_the_old()
    _drop_results(folder, ways)
    return True


def _drop_results(folder: Path, ways: Ways) -> None:
    """Results name people by number only; but where they came from is a text that anybody may have written."""
    import numpy as np

    for path in folder.glob("backtest-*.npz"):
        with np.load(path, allow_pickle=False) as found:
            texts = [str(word) for name in found.files if name.endswith("_words") for word in found[name]]
        if any(ways.mention.search(text) for text in texts):
            path.unlink(missing_ok=True)
