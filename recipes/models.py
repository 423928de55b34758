"""The models that a recipe has asked, by the stage that asks them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..schemas.recipe import ChecklistUse, JudgeUse, ModelUse, Recipe

__all__ = ["checklist_models", "judge_models", "models_of"]


def checklist_models(uses: Sequence[ChecklistUse]) -> list[ModelUse]:
    """Gives the models that checklists ask."""
    return [model for use in uses for model in (use.model, use.answers) if model is not None]


def judge_models(uses: Sequence[JudgeUse]) -> list[ModelUse]:
    """Gives the models that label."""
    return [use.model for use in uses]


def models_of(recipe: Recipe) -> list[ModelUse]:
    """Gives every model of a recipe, each as often as it is named."""
    checklists, judges = checklist_models(recipe.constraints.checklists), judge_models(recipe.labels.judges)
    return [*checklists, *recipe.sampling.models, *judges]
