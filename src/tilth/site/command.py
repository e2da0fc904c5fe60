"""The `tilth` command: what an operator types. Each verb prepares Django when it needs it, then calls one function."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Host = Annotated[
    str, typer.Option(help="The address to listen on. 0.0.0.0 lets other machines in; set TILTH_HOSTS then.")
]
Port = Annotated[int, typer.Option(help="The port for people.", min=1, max=65_535)]
IngestPort = Annotated[
    int | None,
    typer.Option(help="Also take events on this port, past Django: for sites that send many.", min=1, max=65_535),
]


def main() -> None:
    app()


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("tilth"))
        raise typer.Exit


@app.callback()
def tilth(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Tilth: one pot for sales and marketing.

    Settings come from the environment (TILTH_…); `tilth doctor` checks them.
    """


def ready_django() -> None:
    """Settings are read here, once; heavy imports come after it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.site.settings")
    import django

    django.setup()


@app.command()
def up(host: Host = "127.0.0.1", port: Port = 8000, ingest_port: IngestPort = None) -> None:
    """Start Tilth: the web server and the conveyor, until Ctrl-C.

    The first start makes the database and prints a one-time link for the first account.
    """
    from . import running

    running.expect_free(host, port)
    if ingest_port:
        running.expect_free(host, ingest_port, "--ingest-port")
    if not {"TILTH_HOSTS", "TILTH_HOSTS_FILE"} & os.environ.keys():
        os.environ.setdefault("TILTH_ADDRESS", f"http://{running.shown(host)}:{port}")
    ready_django()
    from . import opening

    with opening.telling() as say:
        opening.make_ready(say)
        where = opening.address(host, port)
        link = opening.first_link(where)
    if link:
        typer.echo(f"\nNobody has an account yet. This link makes the first one, once:\n\n    {link}\n")
    running.serve(running.children(host, port, ingest_port), where, typer.echo)


@app.command()
def demo(
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="A loopback address: demo passwords are known to everybody.")] = "127.0.0.1",
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the demo company and build it anew.")] = False,
) -> None:
    """Show Tilth with a believable company, in a database of its own."""
    from . import running

    if not running.is_loopback(host):
        raise typer.BadParameter(f"{host} can be reached by others, and demo passwords are public. Use 127.0.0.1.")
    running.expect_free(host, port)
    from . import demonstrating

    database = demonstrating.choose_database(fresh)
    os.environ["TILTH_ADDRESS"] = f"http://{running.shown(host)}:{port}"
    ready_django()
    from . import opening

    with opening.telling() as say:
        demonstrating.build(database, say)
        opening.collect_static(say)
    typer.echo(demonstrating.logins())
    running.serve(running.children(host, port, None), opening.address(host, port), typer.echo)


@app.command()
def work(once: Annotated[bool, typer.Option("--once", help="One pass over all stages, then stop.")] = False) -> None:
    """Run the conveyor: take in what arrived, qualify, hand off, keep the promises. `tilth up` starts it too."""
    ready_django()
    from . import opening, working

    if once:
        opening.expect_migrated()
        working.once()
        return
    stopping = working.stopped_by_signals()
    opening.await_migrated(stopping)
    working.until_stopped(stopping)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="A table in text: CSV with any separator and encoding.", exists=True, dir_okay=False)
    ],
    kind: Annotated[str, typer.Option(help="leads, touches, deals, costs or verdicts.")] = "leads",
    mapping: Annotated[
        str, typer.Option(help="The name of a saved mapping, or a YAML or JSON file; else one is guessed.")
    ] = "",
    system: Annotated[str, typer.Option(help="Whose ids these are: one word for all files of one CRM.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take in a file of leads, touches, deals, costs or verdicts. Doing it again changes nothing."""
    ready_django()
    from django.utils import timezone
    from rich.console import Console

    from tilth.capture.command import CannotImport, import_file

    from . import opening

    opening.expect_migrated()
    try:
        row = import_file(file, kind, mapping, yes, timezone.now, Console(), system)
    except CannotImport as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    raise typer.Exit(1 if row.trouble or row.stopped_at else 0)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def report(
    asked: typer.Context,
    name: Annotated[
        str, typer.Argument(help="Which report. Without one: what there is, and what each can be asked by.")
    ] = "",
    shown: Annotated[str, typer.Option("--as", help="table, chart, csv or json.")] = "table",
) -> None:
    """Work out a report here and now: `tilth report funnel --by source --period quarter --as chart`."""
    ready_django()
    from django.utils import timezone
    from rich.console import Console

    from tilth.insight.choice import Unknown

    from . import opening, reporting

    opening.expect_migrated()
    try:
        if name:
            reporting.report(name, reporting.told_by(asked.args), shown, timezone.now(), Console())
        else:
            reporting.listed(Console())
    except Unknown as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e


@app.command()
def plan(
    file: Annotated[
        Path, typer.Argument(help="A plan in YAML or JSON: see docs/plan.md.", exists=True, dir_okay=False)
    ],
    shown: Annotated[str, typer.Option("--as", help="table, json or xlsx (beside the file).")] = "table",
    alone: Annotated[
        bool, typer.Option("--alone", help="Without our history: what the file says, and what is usual.")
    ] = False,
) -> None:
    """Work a plan out: from the goal back to the visitors, its chance, and what is in its way."""
    ready_django()
    from django.utils import timezone
    from rich.console import Console

    from . import opening, planning

    if not alone:
        opening.expect_migrated()
    try:
        planning.plan(file, shown, timezone.now(), Console(), history=not alone)
    except planning.CannotPlan as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e


@app.command()
def doctor() -> None:
    """Say what is misconfigured and how to mend it. Ends with 1 when something is broken."""
    ready_django()
    from . import doctor as checks

    findings = checks.examine()
    for finding in findings:
        typer.echo(finding.line())
    raise typer.Exit(1 if any(f.level == "error" for f in findings) else 0)


@app.command()
def rebuild() -> None:
    """Make everything anew that follows from the facts: standings, who is ripe, who holds which lead; and the lake."""
    ready_django()
    from django.utils import timezone

    from tilth import conveyor
    from tilth.insight import export

    from . import opening

    opening.expect_migrated()
    conveyor.rebuild(timezone.now(), lambda name, rows: typer.echo(f"{name}: {rows:,} rows"))
    typer.echo(f"lake: {export.rebuild(timezone.now()):,} rows")


if __name__ == "__main__":
    main()
