from django.urls import path

from . import files, page, plan_b, trying, versions

urlpatterns = [
    path("plan/", page.current_plan, name="goal"),
    path("plan/new/", page.new, name="goal-new"),
    path("plan/new/follows/", trying.follows, name="plan-new-follows"),
    path("plan/<int:pk>/", page.plan, name="plan"),
    path("plan/<int:pk>/follows/", trying.follows, name="plan-follows"),
    path("plan/<int:pk>/chance/", trying.chance, name="plan-chance"),
    path("plan/<int:pk>/mix/", trying.mix, name="plan-mix"),
    path("plan/<int:pk>/beside/<int:other>/", versions.beside, name="plan-beside"),
    path("plan/<int:pk>/copy/", versions.copy, name="plan-copy"),
    path("plan/<int:pk>/propose/", versions.propose, name="plan-propose"),
    path("plan/<int:pk>/throw-away/", versions.throw_away, name="plan-throw-away"),
    path("plan/<int:pk>/bring-back/", versions.bring_back, name="plan-bring-back"),
    path("plan/<int:pk>/remarks/", versions.remark, name="plan-remark"),
    path("plan/<int:pk>/remarks/<int:remark>/close/", versions.close, name="plan-remark-close"),
    path("plan/<int:pk>/signatures/<str:team>/", versions.sign, name="goal-sign"),
    path("plan/<int:pk>/plan-b/", plan_b.make, name="plan-b"),
    path("plan/<int:pk>/plan-b/<int:rule>/end/", plan_b.end, name="plan-b-end"),
    path("plan/<int:pk>/plan-b/fired/<int:fired>/", plan_b.answered, name="plan-b-answer"),
    path("plan/<int:pk>.xlsx", files.as_xlsx, name="plan-xlsx"),
    path("plan/<int:pk>.pdf", files.as_pdf, name="plan-pdf"),
    path("plan/<int:pk>/agreement/", versions.into_agreement, name="plan-agreement"),
]
