from django.urls import path

from . import beside, comments, compare, drafts, editor, new, page, paper, routed, sign
from .backtest import page as backtest
from .backtest import people, thresholds

urlpatterns = [
    path("agreement/", page.agreement, name="agreement"),
    path("agreement/new/", new.new_version, name="agreement-new"),
    path("agreement/presets/<str:name>/", new.from_preset, name="agreement-preset"),
    path("agreement/<int:number>/", page.one_version, name="agreement-version"),
    path("agreement/<int:number>.yaml", page.as_text, name="agreement-text"),
    path("agreement/<int:number>.pdf", paper.as_pdf, name="agreement-pdf"),
    path("agreement/<int:number>/signatures/<str:team>/", sign.sign, name="agreement-sign"),
    path("agreement/<int:number>/signatures/<str:team>/withdrawal/", sign.take_back, name="agreement-unsign"),
    path("agreement/compare/", compare.choose, name="agreement-compare-choose"),
    path("agreement/compare/<str:old>/<str:new>/", compare.compare, name="agreement-compare"),
    path("agreement/<int:number>/withdrawal/", sign.withdraw, name="agreement-withdraw"),
    path("agreement/<int:number>/comments/", comments.on_version, name="agreement-comments"),
    path("agreement/drafts/", drafts.all_drafts, name="drafts"),
    path("agreement/drafts/<int:pk>/", editor.edit, name="draft"),
    path("agreement/drafts/<int:pk>/discard/", editor.discard, name="draft-discard"),
    path("agreement/drafts/<int:pk>/yaml/", drafts.as_yaml, name="draft-yaml"),
    path("agreement/drafts/<int:pk>.yaml", drafts.download, name="draft-text"),
    path("agreement/drafts/<int:pk>/people/", beside.people, name="draft-people"),
    path("agreement/drafts/<int:pk>/routing/", routed.routed, name="draft-routing"),
    path("agreement/drafts/<int:pk>/backtest/", backtest.backtest, name="draft-backtest"),
    path("agreement/drafts/<int:pk>/backtest/brief/", backtest.brief, name="draft-backtest-brief"),
    path("agreement/drafts/<int:pk>/backtest/stop/", backtest.stop, name="draft-backtest-stop"),
    path("agreement/drafts/<int:pk>/backtest/people/", people.people, name="draft-backtest-people"),
    path("agreement/drafts/<int:pk>/backtest/thresholds/", thresholds.choose, name="draft-backtest-thresholds"),
    path("agreement/drafts/<int:pk>/comments/", comments.on_draft, name="draft-comments"),
    path("agreement/comments/<int:pk>/answers/", comments.answers, name="comment-answers"),
    path("agreement/comments/<int:pk>/closing/", comments.closing, name="comment-closing"),
    path("agreement/comments/<int:pk>/reopening/", comments.reopening, name="comment-reopening"),
]
