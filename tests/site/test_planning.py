"""`tilth plan FILE`: the articles' numbers in the terminal, and what is wrong by field."""

import json
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from tests.conftest import NOW
from tests.insight.reports.test_velocity import WORTH, asked, lake
from tilth.insight.choice import strict
from tilth.insight.reports.velocity import REPORT as VELOCITY
from tilth.site.planning import CannotPlan, plan
from tilth.site.reporting import show

T2 = "goal: 1.000.000\nvalue: 100000\nfirst: 2027-01-01\nlast: 2027-12-31\npoints: [{name: Leads, to_sql: 1/3, to_won: 1/3}]\n"


def shown(file, kind="table", **more) -> str:
    console = Console(width=140, record=True)
    plan(file, kind, NOW, console, **{"history": False, **more})
    return console.export_text()


def test_t1_500_leads(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(
        "goal: 10000\nvalue: 1000\nfirst: 2027-01-01\nlast: 2027-12-31\npoints: [{name: Leads, sale_rate: 2%}]\n"
    )
    assert "500" in shown(file)


def test_t2_and_t3_90_leads_of_11111(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(T2)
    said = shown(file)
    for number in ("90", "30", "10.0", "€11,111", "€1,000,000", "Chance of the goal"):
        assert number in said
    file.write_text(T2.replace("1/3", "0.33"))
    assert "92" in shown(file)
    assert "Exactly 91.83 leads" in shown(file)


def test_t4_one_sale_is_100_ebooks_or_33_demos(tmp_path, capsys):
    year = "goal: 100000\nvalue: 100000\nfirst: 2027-01-01\nlast: 2027-12-31\n"
    for rate, leads in (("1%", 100), ("1/33", 33)):
        file = tmp_path / "plan.yaml"
        file.write_text(f"{year}points: [{{name: Leads, sale_rate: {rate}}}]\n")
        plan(file, "json", NOW, Console(), history=False)
        assert json.loads(capsys.readouterr().out)["together"]["leads"]["shown"] == leads


def test_t5_and_r9_in_the_terminal(tmp_path, capsys):
    """1,000 visitors give 50 e-books or 10 demos; with room for 20 leads the best is a mix of both."""
    file = tmp_path / "plan.yaml"
    file.write_text(
        "goal: 30000\nvalue: 100000\nfirst: 2027-01-04\nlast: 2027-01-10\nvisitors: 1000\nhours: 20\n"
        "points: [{name: e-book, sale_rate: 1%, lead_rate: 5%, hours: 1}, {name: demo, sale_rate: 1/33, lead_rate: 1%, hours: 1}]\n"
    )
    plan(file, "json", NOW, Console(), history=False)
    told = json.loads(capsys.readouterr().out)
    ebook, demo = (point["leads"]["value"] / point["visitors"]["value"] for point in told["points"])
    assert ebook / demo == pytest.approx(5)
    assert told["best"] == {"e-book": 12.5, "demo": 7.5}


def test_as_json_it_is_what_programs_are_told(tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_text(
        json.dumps(
            {
                "goal": 1_000_000,
                "value": 100_000,
                "first": "2027-01-01",
                "last": "2027-12-31",
                "points": [{"name": "Leads", "to_sql": "1/3", "to_won": "1/3"}],
            }
        )
    )
    plan(file, "json", NOW, Console(), history=False)
    told = json.loads(capsys.readouterr().out)
    assert told["together"]["leads"] == {"exact": "90", "value": 90.0, "shown": 90}
    assert told["points"][0]["inputs"]["to_sql"]["exact"] == "1/3"
    assert told["goal"] == "1000000.00"
    assert 0 < told["chance"] < 1
    assert told["low"] < told["middle"]


def test_our_history_counts_where_the_file_says_nothing(tmp_path, agreement):
    file = tmp_path / "plan.yaml"
    file.write_text("goal: 240000\nfirst: 2027-01-01\nlast: 2027-12-31\n")
    assert "10.0" in shown(file, history=True)  # 24,000 a deal, as agreed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("goal: 0\nvalue: 1\nfirst: 2027-01-01\nlast: 2027-12-31\n", "goal: Write what you want to earn"),
        ("- a list", "goal: "),
        ("a: [", "cannot be read as YAML"),
        (T2.replace("1/3", "0%"), "points.0.to_sql: The rate is 0%"),
    ],
)
def test_what_is_wrong_is_told_by_field(tmp_path, text, says):
    file = tmp_path / "plan.yaml"
    file.write_text(text)
    with pytest.raises(CannotPlan, match=says.split(":")[0]) as why:
        shown(file)
    assert says in str(why.value)


def test_a_workbook_lies_beside_the_file(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(T2)
    shown(file, "xlsx")
    assert (tmp_path / "plan.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(CannotPlan, match="table, json, xlsx"):
        shown(file, "pdf")


@pytest.mark.django_db
def test_t6_a_goal_against_velocity(tmp_path):
    """`tilth report velocity --goal 100,000`, on a lake whose deals bring 50,000 a month."""
    found = VELOCITY.work(asked(lake(tmp_path, WORTH // 10), by="product", goal="100,000"))
    choice = strict(VELOCITY, {"by": "product", "goal": "100,000"}, NOW.date(), ZoneInfo("UTC"))
    console = Console(width=160, record=True)
    show(choice, found, "table", NOW, None, console)
    said = console.export_text()
    assert "The gap to the goal is €50,000: a factor of 2.0." in said
    assert "cycle alone: from 10.0 days to 5.0 days" in said
