"""What a mail of a track looks like."""


def mail_key(track: int, step: str) -> str:
    """By what a mail is known in links and in the timeline; the same for all who get it."""
    return f"track {track} {step}"
