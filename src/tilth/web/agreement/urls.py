from django.urls import path

from . import new, page, sign

urlpatterns = [
    path("agreement/", page.agreement, name="agreement"),
    path("agreement/new/", new.new_version, name="agreement-new"),
    path("agreement/presets/<str:name>/", new.from_preset, name="agreement-preset"),
    path("agreement/<int:number>/", page.one_version, name="agreement-version"),
    path("agreement/<int:number>.yaml", page.as_text, name="agreement-text"),
    path("agreement/<int:number>/signatures/<str:team>/", sign.sign, name="agreement-sign"),
]
