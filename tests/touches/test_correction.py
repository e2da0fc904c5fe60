"""Whatever changes a recorded touch leaves a row that says so, beside the change."""

from tests.conftest import NOW
from tilth.people.known import recognise
from tilth.touches.models import Correction, Touch
from tilth.touches.record import adopt, record, retract


def test_a_retracted_touch_is_named(anouk):
    call, _new = record("call", NOW, NOW, person=anouk)
    retract(call, NOW)
    assert list(Correction.objects.values_list("touch", "visitor", "at")) == [(call.pk, None, NOW)]


def test_a_visitor_who_got_a_name_is_named_once(anouk):
    visitor = recognise("browser", None, NOW)
    record("page", NOW, NOW, visitor=visitor)
    record("page", NOW, NOW, visitor=visitor)
    visitor = recognise("browser", anouk, NOW)
    assert (adopt(visitor, NOW), adopt(visitor, NOW)) == (2, 0)
    assert list(Correction.objects.values_list("touch", "visitor")) == [(None, visitor.browser_id)]
    assert set(Touch.objects.values_list("person", flat=True)) == {anouk.pk}


def test_a_visitor_without_touches_leaves_nothing_to_follow(anouk):
    assert adopt(recognise("browser", anouk, NOW), NOW) == 0
    assert not Correction.objects.exists()
