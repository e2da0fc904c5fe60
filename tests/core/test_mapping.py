"""What the columns of a file mean: guessed, saved, laid over a file."""

import pytest

from tilth.core.figures import Unreadable
from tilth.core.mapping import Column, Mapping, Unfit, fit, guess, of_plain, plain
from tilth.core.rows import Reading, Scan


def _fields(headers: list[str], row: list[str], kind: str = "leads") -> list[str]:
    return [c.field for c in guess(headers, [row], kind).columns]


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["E-mail", "First name", "Last name", "Phone", "Company", "Country"], ["email", "first_name", "last_name", "phone", "company", "country"]),
        (["E-mailadres", "Voornaam", "Achternaam", "Telefoonnummer", "Bedrijf", "Land"], ["email", "first_name", "last_name", "phone", "company", "country"]),
        (["E-Mail-Adresse", "Vorname", "Nachname", "Telefon", "Firma", "Land"], ["email", "first_name", "last_name", "phone", "company", "country"]),
        (["Email", "FirstName", "LastName", "Phone", "Account:External_Id__c", "MailingCountry"], ["email", "first_name", "last_name", "phone", "company_id", "country"]),
    ],
)  # fmt: skip
def test_a_header_is_understood_in_three_languages_and_in_crm_talk(headers: list[str], fields: list[str]) -> None:
    assert (
        _fields(headers, ["anouk@zonneveld.example", "Anouk", "Zonneveld", "+31105550142", "Zonneveld", "NL"]) == fields
    )


@pytest.mark.parametrize("headers", [["opened", "closed"], ["Geopend", "Gesloten"], ["Eröffnungsdatum", "Geschlossen"]])
def test_when_a_deal_was_opened_is_not_taken_for_when_it_closed(headers: list[str]) -> None:
    rows = [["CRM-1", "2026-02-03", "2026-05-06"], ["CRM-2", "2026-03-04", "2026-06-07"]]
    found = guess(["deal id", *headers], rows, "deals")
    assert [c.field for c in found.columns] == ["deal_id", "opened_at", "closed_at"]


def test_columns_without_a_header_are_known_by_what_is_in_them() -> None:
    row = ["Anouk", "anouk@zonneveld.example", "2026-03-01", "+31 10 555 01 42", "https://kasbouw.example/demo"]
    assert _fields([f"column {i}" for i in range(1, 6)], row) == ["custom", "email", "at", "phone", "url"]


def test_a_name_is_not_believed_when_the_cells_say_otherwise() -> None:
    assert _fields(["date", "title"], ["soon", "Mrs."]) == ["custom", "custom"]
    assert _fields(["date", "title"], ["2026-03-01", "Owner"]) == ["at", "title"]


def test_people_have_several_addresses_but_one_first_name() -> None:
    assert _fields(["email_work", "email_home", "Voornaam", "Roepnaam"], ["a@b.example", "", "A", "B"]) == [
        "email",
        "email",
        "first_name",
        "custom",
    ]


MAPPING = Mapping(
    "deals",
    (Column("Nummer", "deal_id"), Column("Bedrag", "amount"), Column("Product", "product", known=("GTX Pro", "MG Special"))),
    constants={"outcome": "won"}, currency="USD",
)  # fmt: skip


def test_a_mapping_survives_being_saved() -> None:
    assert of_plain(plain(MAPPING)) == MAPPING


@pytest.mark.parametrize(
    ("change", "say"),
    [
        ({"kind": "leeds"}, "kind"), ({"colums": []}, "colums"), ({"dates": "ydm"}, "dates"), ({"constants": {"x": "y"}}, "constants"),
        ({"columns": [{"header": "a", "field": "shoe_size"}]}, "shoe_size"), ({"columns": [{"field": "id"}]}, "columns"),
        ({"columns": [{"header": "a", "field": "deal_id", "reads": "hex"}]}, "reads"), ({"zone": "Amsterdam"}, "zone"),
        ({"zone": "Europe"}, "zone"), ({"system": 7}, "system"), ({"separator": ";;"}, "separator"), ({"empty": [0]}, "empty"),
        ({"constants": {"source": 7}}, "constants.source"), ({"constants": ["source"]}, "constants"),
        ({"outcomes": {"won": [True]}}, "outcomes.won"), ({"outcomes": {"won": "yes"}}, "outcomes.won"),
        ({"columns": [{"header": "a", "field": "product", "known": [500]}]}, "columns, a"),
    ],
)  # fmt: skip
def test_a_faulty_mapping_names_the_part(change: dict, say: str) -> None:
    with pytest.raises(Unfit, match=say):
        of_plain({**plain(MAPPING), **change})


def test_a_saved_mapping_finds_its_columns_in_any_order_and_tells_of_others() -> None:
    fitted, unknown, absent = fit(MAPPING, ["Opm.", "bedrag", "NUMMER"], named=True)
    assert [c.field for c in fitted.columns] == ["custom", "amount", "deal_id"]
    assert (unknown, absent) == (["Opm."], ["Product"])


def test_without_a_header_columns_go_by_position() -> None:
    assert fit(MAPPING, ["column 1", "column 2", "column 3"], named=False)[0].columns == MAPPING.columns
    with pytest.raises(Unfit, match="no header and 2 columns; the mapping has 3"):
        fit(MAPPING, ["column 1", "column 2"], named=False)


def test_a_file_that_tells_nobody_lacks_something() -> None:
    fitted, _, absent = fit(Mapping("leads", (Column("E-mail", "email"),)), ["Naam"], named=True)
    assert (fitted.lacks(), absent) == (["id or email or phone"], ["E-mail"])


def test_an_unexpected_value_is_kept_and_the_nearest_named() -> None:
    said = Reading(MAPPING).row(["1", "5", "GTXPro"])
    assert said.more["product"] == "GTXPro"
    assert said.odd == [("product", "“GTXPro” is not among the expected values; the nearest is “GTX Pro”")]


def test_values_are_read_as_their_column_says() -> None:
    columns = (
        Column("id", "id"), Column("Soort", "custom", reads="code"), Column("Gtin", "custom", reads="yes"),
        Column("Omzet", "custom", reads="number", mark=","), Column("Sinds", "custom", reads="day", order="dmy"),
        Column("Land", "country"), Column("Naam", "name"),
    )  # fmt: skip
    said = Reading(Mapping("leads", columns)).row(
        ["7", "Online-Big shop", "1.0", "1.234,5", "03-04-2018", "Duitsland", "van Dam, Piet"]
    )
    assert said.ids == [("file", "7")]
    assert said.person == {
        "soort": "online_big_shop", "gtin": True, "omzet": 1234.5, "sinds": "2018-04-03", "country": "DE",
        "first_name": "Piet", "last_name": "van Dam",
    }  # fmt: skip


def test_a_custom_value_that_cannot_be_read_is_kept_as_written_and_noted() -> None:
    said = Reading(Mapping("leads", (Column("id", "id"), Column("Omzet", "custom", reads="number")))).row(["7", "veel"])
    assert said.person == {"omzet": "veel"}
    assert said.odd == [("omzet", "“veel” is not a number")]


def test_a_date_that_matters_fails_its_row_and_names_the_column() -> None:
    reading = Reading(Mapping("leads", (Column("id", "id"), Column("Eerste contact", "at"))))
    with pytest.raises(Unreadable, match="column “Eerste contact”: “31-02-2022” is not a date"):
        reading.row(["7", "31-02-2022"])


def test_a_scan_settles_what_the_whole_column_shows_and_can_go_on_after_a_stop() -> None:
    mapping = Mapping("deals", (Column("n", "deal_id"), Column("closed", "closed_at"), Column("amount", "amount")))
    first = Scan(mapping)
    first.see(["1", "03/04/2018", "1.234"])
    second = Scan(mapping).go_on(first.plain())
    second.see(["2", "12/31/2018", "0.5"])
    settled, doubts = second.settled()
    assert [(c.order, c.mark) for c in settled.columns] == [("", ""), ("mdy", ""), ("", ".")]
    assert doubts == []
