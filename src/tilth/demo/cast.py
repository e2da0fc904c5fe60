"""Who works at Kasbouw Software, the demo company: the cast, and how each of them sells."""

from dataclasses import dataclass
from datetime import datetime

from tilth.team.models import Member, Role

PASSWORD = "tilth-demo"


@dataclass(frozen=True)
class Player:
    """A member of the cast. `prompt` is the chance to follow up in time, `skill` shifts how often they win."""

    name: str
    email: str
    role: Role
    prompt: float = 1.0
    skill: float = 1.0


CAST = (
    Player("Ann de Wit", "ann@kasbouw.example", Role.MARKETING),
    Player("Bob Jansen", "bob@kasbouw.example", Role.SALES, 0.92, 1.1),
    Player("Femke Bakker", "femke@kasbouw.example", Role.SALES, 0.85, 1.0),
    Player("Mehmet Yıldız", "mehmet@kasbouw.example", Role.SALES, 0.72, 1.2),
    Player("Katrin Albers", "katrin@kasbouw.example", Role.SALES, 0.95, 0.9),
    Player("Carla Smit", "carla@kasbouw.example", Role.MANAGER),
    Player("Dirk Visser", "dirk@kasbouw.example", Role.SERVICE),
    Player("Eva Mulder", "eva@kasbouw.example", Role.ADMIN),
)
NEW = Player("Lotte Vos", "lotte@kasbouw.example", Role.SALES, 0.9, 0.8)  # begins when the story is nearly over


def hire(at: datetime) -> dict[str, Member]:
    """The cast as members, by first name in lower case. Their password is public: loopback only."""
    return {player.name.split()[0].lower(): join(player, at) for player in CAST}


def join(player: Player, at: datetime) -> Member:
    member = Member(name=player.name, email=player.email, role=player.role, joined_at=at)
    member.set_password(PASSWORD)
    member.save()
    return member


def player_of(member: Member) -> Player:
    return next(player for player in (*CAST, NEW) if player.email == member.email)
