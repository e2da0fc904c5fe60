"""Charts as they are drawn, whatever tells them."""

from tilth.insight import blocks
from tilth.insight.drawing import drawn
from tilth.insight.report import Chart, Figure, Result
from tilth.insight.reports.content import REPORT


def test_a_tick_says_where_it_stands() -> None:
    chart = Chart("intervals", "Share", "piece", ("of_converted",))
    rows = [{"piece": "Demo", "of_converted": Figure(0.06, 0.01, 0.12, 100)}]
    plot = str(drawn(chart, REPORT, Result(rows)).plot)
    for tick in ("2.5%", "5%", "7.5%", "10%", "12.5%"):
        assert f">{tick}<" in plot


def test_a_chart_of_too_few_is_empty() -> None:
    chart = Chart("intervals", "Share", "piece", ("of_converted",))
    assert drawn(chart, REPORT, Result([{"piece": "Demo", "of_converted": Figure(None, n=3, lacks=27)}])).empty
    assert not drawn(chart, REPORT, Result([{"piece": "Demo", "of_converted": Figure(0.5)}])).empty


def test_a_chart_in_a_file_says_what_its_colours_mean() -> None:
    plot = drawn(Chart("intervals", "Share", "piece", ("of_converted",)), REPORT, Result([])).plot
    told = plot.alone("", [("Plain count", "c1"), ("R & D", "c2")])
    assert '<rect class="c2"' in told
    assert ">Plain count<" in told
    assert ">R &amp; D<" in told
    assert told.count('class="c') == 2


def test_days_that_are_counted_are_thinned_out_in_blocks_and_weeks_are_not() -> None:
    chart = Chart("lines", "Share", "day", ("of_converted",))
    rows = [{"day": n, "of_converted": Figure(n / 90)} for n in range(91)]
    line, foot = blocks.rows(chart, REPORT, Result(rows), 30)
    assert (line.blocks[0], line.blocks[-1], foot.blocks) == ("▁", "█", "Day 0 to Day 90")
    assert len(line.blocks) <= 30
    words = [row | {"day": f"week {row['day']}"} for row in rows]
    assert blocks.rows(chart, REPORT, Result(words), 30)[1].blocks == "week 61 to week 90"
