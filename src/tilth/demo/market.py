"""Who could buy from Kasbouw: growers in the Netherlands, Belgium and Germany, made from a seed."""

import re
import unicodedata
from dataclasses import dataclass
from random import Random

FIRST = {
    "NL": "Anouk Wim Joost Marieke Arjan Dewi Kees Petra Sander Ilse Ruud Hanneke Bas Lotte Gerben Sanne Dirk-Jan Fatima Ramon Yvonne Teun Noor Pim Esmée".split(),
    "BE": "Pieter Lies Jelle An Bart Griet Koen Veerle Wouter Hilde Dries Sofie Luc Nele Tom Eline".split(),
    "DE": "Jonas Katrin Stefan Anke Uwe Birgit Jörg Sabine Lukas Heike Florian Antje Dieter Ulrike Matthias Nina".split(),
}
LAST = {
    "NL": "Zonneveld Lansbergen Knaap Hofland Poot Kester Hoogendoorn Vreugdenhil Duijvestijn Zwinkels Ammerlaan Persoon Solleveld Valstar Moerman Prins Scheffers Ooms Koornneef Grootscholten Bol Lentjes Keijzer Olsthoorn Enthoven Barendse".split(),
    "BE": "Vanhecke Claes Peeters Janssens Wouters Mertens Goossens Vermeulen Hermans Aerts Lambrecht Stevens Verbeeck Dewulf".split(),
    "DE": "Krüger Albers Brandt Hansen Petersen Schäfer Lindner Böhm Vogt Otto Seidel Engel Winkler Busch Arnold Kühn".split(),
}
CROPS = {
    "NL": (
        "Tomaten",
        "Paprika",
        "Komkommers",
        "Orchideeën",
        "Potplanten",
        "Rozen",
        "Aardbeien",
        "Gerbera",
        "Chrysanten",
        "Sla",
    ),
    "BE": ("Tomaten", "Aardbeien", "Witloof", "Azalea", "Paprika", "Kropsla"),
    "DE": ("Gemüsebau", "Gartenbau", "Tomaten", "Zierpflanzen", "Erdbeeren", "Stauden"),
}
CITIES = {
    "NL": (
        "Bleiswijk",
        "Naaldwijk",
        "De Lier",
        "Pijnacker",
        "Aalsmeer",
        "Berkel",
        "Venlo",
        "Honselersdijk",
        "Middenmeer",
        "Maasdijk",
    ),
    "BE": ("Hoogstraten", "Sint-Katelijne-Waver", "Roeselare", "Lochristi", "Duffel"),
    "DE": ("Straelen", "Papenburg", "Hamburg", "Nürnberg", "Reichenau", "Kempen"),
}
TITLES = (
    "Owner", "Operations manager", "Head of cultivation", "Director", "Location manager", "Energy coordinator",
    "Head grower", "Buyer", "Assistant", "Student horticulture", "IT manager",
)  # fmt: skip
INDUSTRIES = (
    "Horticulture",
    "Horticulture",
    "Horticulture",
    "Wholesale",
    "Logistics",
    "Retail",
    "Consulting",
    "Education",
)
DIALLING = {"NL": "+3110555", "BE": "+3211555", "DE": "+4921555"}


@dataclass(frozen=True)
class Firm:
    name: str
    domain: str
    country: str
    city: str
    industry: str
    employees: int


@dataclass(frozen=True)
class Lead:
    """Somebody who may become a lead; `phone` is what they would give if asked."""

    first: str
    last: str
    email: str
    phone: str
    title: str
    firm: Firm | None
    key: str


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)


def firms(count: int, random: Random) -> list[Firm]:
    """Distinct firms; most of them are what Kasbouw looks for, some are not."""
    out: dict[str, Firm] = {}
    while len(out) < count:
        country = random.choices(("NL", "BE", "DE"), (6, 2, 3))[0]
        last, crop = random.choice(LAST[country]), random.choice(CROPS[country])
        name = f"{crop} {last}" if country == "DE" else f"{last} {crop}"
        size = int(random.lognormvariate(4.1, 0.9)) + 2
        domain = f"{slug(name)}.example"
        out.setdefault(
            domain, Firm(name, domain, country, random.choice(CITIES[country]), random.choice(INDUSTRIES), size)
        )
    return list(out.values())


def lead(number: int, firm: Firm, random: Random) -> Lead:
    """Somebody at a firm; one in twelve writes from a private address."""
    country = firm.country
    first, last = random.choice(FIRST[country]), random.choice(LAST[country])
    private = random.random() < 1 / 12
    domain = "gmail.com" if private else firm.domain
    email = f"{slug(first)}.{slug(last)}{number if private else number % 97}@{domain}"
    phone = f"{DIALLING[country]}{number:04d}"
    return Lead(first, last, email, phone, random.choice(TITLES), None if private else firm, f"v{number:06d}")
