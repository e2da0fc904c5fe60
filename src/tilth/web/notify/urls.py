from django.urls import path

from . import calendar, channels, hearing, outbox

urlpatterns = [
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/", outbox.message, name="message"),
    path("outbox/<int:pk>/again/", outbox.again, name="message-again"),
    path("channels/", channels.channels, name="channels"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/do/", channels.do, name="channel-do"),
    path("channels/<int:pk>/again/", channels.all_again, name="channel-again"),
    path("channels/deliveries/<int:pk>/", channels.delivery, name="delivery-out"),
    path("channels/deliveries/<int:pk>/again/", channels.again, name="delivery-again"),
    path("me/notifications/", hearing.hearing, name="hearing"),
    path("me/notifications/calendar/", hearing.calendar, name="my-calendar"),
    path("me/notifications/<slug:channel>/", hearing.set_up, name="channel-mine"),
    path("me/notifications/<slug:channel>/end/", hearing.take_down, name="channel-mine-end"),
    path("calendar/<str:secret>.ics", calendar.calendar, name="calendar"),
]
