"""The list of companies and the page of one."""

from tilth.handoff.verbs import hand_off
from tilth.people.models import Company, Person


def test_an_empty_list_says_where_companies_come_from(client_of, ann, db) -> None:
    assert "No companies yet" in client_of(ann).get("/companies/").content.decode()


def test_a_company_is_found_by_the_beginning_of_its_name_or_domain(client_of, ann, anouk) -> None:
    for wanted in ("zonne", "Zonneveld T", "zonneveldtomaten.ex"):
        assert "Zonneveld Tomaten" in client_of(ann).get("/companies/", {"q": wanted}).content.decode()
    page = client_of(ann).get("/companies/", {"q": "<b>tomaten"}).content.decode()
    assert "No company begins with “&lt;b&gt;tomaten”" in page


def test_the_list_goes_on_by_name_without_losing_namesakes(client_of, ann, now) -> None:
    Company.objects.bulk_create(Company(name="Bol" if 40 < n < 60 else f"Firm {n:03}", at=now) for n in range(120))
    seen: list[str] = []
    url = "/companies/"
    while url:
        answer = client_of(ann).get(url)
        seen += [str(row[0].pk) for row in answer.context["companies"]]
        after = answer.context["after"]
        url = f"/companies/?after={after}" if after else ""
    assert len(seen) == len(set(seen)) == 120


def test_the_page_shows_people_with_stage_cell_and_owner(client_of, ann, bob, anouk, agreement, now) -> None:
    hand_off(anouk, now, by=bob, owner=bob)
    Person.objects.create(first_name="Kees", last_name="Zonneveld", company=anouk.company, at=now)
    page = " ".join(client_of(ann).get(f"/companies/{anouk.company_id}/").content.decode().split())
    assert "with Bob Jansen" in page
    assert "Kees Zonneveld" in page
    assert "MQL" in page


def test_a_company_of_nobody_is_a_page_too(client_of, ann, now) -> None:
    firm = Company.objects.create(name="Alone", at=now)
    page = client_of(ann).get(f"/companies/{firm.pk}/").content.decode()
    assert "Nobody yet." in page
    assert client_of(ann).get("/companies/999/").status_code == 404
