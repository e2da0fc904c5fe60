"""Looking at how a file will be read, correcting it, and beginning."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth.capture import files, imports
from tilth.capture.models import Import
from tilth.capture.models import Mapping as Saved
from tilth.core.mapping import Mapping, Unfit, of_plain, plain
from tilth.core.tabular import NotATable
from tilth.web import shell
from tilth.web.access import members
from tilth.web.answer import said

from .forms import Reading
from .listing import WHO

VALUES = 3


@members(*WHO)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns, what each becomes, and the first rows. A POST looks again, or begins."""
    row = get_object_or_404(Import, pk=pk)
    if row.started_at or row.stopped_at:
        return redirect("import", pk)
    before = of_plain(row.spec)
    form = Reading(before, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, row, form)
    wish = form.read()
    if name := form.cleaned_data["save_as"].strip():
        _save(request, name, wish)
    try:
        if request.POST.get("do") == "begin":
            imports.begin(row, shell.of(request).now, wish)
            return redirect("import", pk)
        row.spec = plain(_again(row, before, wish))
    except (NotATable, Unfit) as e:
        form.add_error(None, str(e))
        return _show(request, row, form)
    row.save(update_fields=["spec"])
    return redirect("import-mapping", pk)


def _again(row: Import, before: Mapping, wish: Mapping) -> Mapping:
    """The wish; with its columns guessed anew where the file now falls into others."""
    same = ("encoding", "separator", "header")
    if all(getattr(before, part) == getattr(wish, part) for part in same):
        return wish
    seen = files.look(Path(row.path), wish)
    return replace(wish, columns=files.propose(seen, wish.kind, row.name).columns)


def _save(request: HttpRequest, name: str, mapping: Mapping) -> None:
    """Keep a mapping under a name; the encoding and separator of the next file are found out anew."""
    here = shell.of(request)
    spec = plain(replace(mapping, encoding="", separator="", header=None))
    values = {"kind": mapping.kind, "spec": spec, "by": here.me, "at": here.now}
    Saved.objects.update_or_create(name=name, defaults=values)
    said(request, _("Kept as “%(name)s”.") % {"name": name})


def _show(request: HttpRequest, row: Import, form: Reading) -> HttpResponse:
    mapping = form.mapping
    try:
        seen = files.look(Path(row.path), mapping)
    except (NotATable, OSError) as e:
        form.add_error(None, str(e)) if form.is_bound else None
        seen = files.Look(mapping.encoding, mapping.separator, True, (), [])
    context = {"row": row, "form": form, "columns": _columns(form, seen), "lacks": mapping.lacks(), "mapping": mapping}
    return render(request, "imports/mapping.html", context, status=422 if form.errors else 200)


def _columns(form: Reading, seen: files.Look) -> list[dict[str, Any]]:
    return [
        {
            "header": column.header,
            "some": list(dict.fromkeys(r[i].strip() for r in seen.rows if i < len(r) and r[i].strip()))[:VALUES],
            "field": form[f"field-{i}"],
            "reads": form[f"reads-{i}"],
        }
        for i, column in enumerate(form.mapping.columns)
    ]
