"""The models of one recipe: what pins them, where they are asked, what is owed of them, and the asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..schemas.model import UNPINNED, Answer
from ..schemas.progress import QUIET, Progress
from ..schemas.recipe import SamplingPolicy
from ..store.ledger import Ledger
from .connect import connect, revisions
from .models import Models, OnDemand
from .providers import Endpoint
from .requests import Owed, estimate_tokens
from .settings import Settings, Statistics

__all__ = ["Session"]


class Session:
    """Nothing is fetched, started or asked before ``ask``.

    Attributes:
        revisions: what pins each model, by id.
        usage: what asking has come to.
    """

    def __init__(
        self,
        policy: SamplingPolicy,
        ledger: Path,
        environ: Mapping[str, str],
        concurrency: int | None = None,
        progress: Progress = QUIET,
    ) -> None:
        """Looks up what pins the models.

        Args:
            ledger: the ledger's file; made when something is asked.
            concurrency: requests in flight per model at most; null takes the default.
        """
        self.revisions = revisions(policy.models, environ)
        self.usage = Statistics()
        self._policy, self._ledger, self._environ, self._progress = policy, ledger, environ, progress
        self._settings = Settings(concurrency=concurrency or Settings.concurrency)

    @cached_property
    def _endpoints(self) -> dict[str, Endpoint | OnDemand]:
        return connect(self._policy.models, self._environ, self._progress)

    def _models(self, ledger: Ledger) -> Models:
        return Models(self._endpoints, ledger, self._settings, fleet=self._policy.fleet)

    @cached_property
    def origins(self) -> dict[str, str]:
        """Where the answers of unpinned models come from; empty where their endpoints are one fleet."""
        unpinned = [id for id, revision in self.revisions.items() if revision == UNPINNED]
        return {} if self._policy.fleet else {id: self._endpoints[id].origin for id in unpinned}

    def check(self) -> None:
        """Raises what would keep models from being asked: a missing key, a URL that is none, a missing engine.

        Raises:
            UsageError: with every problem.
            MissingExtra: when the embedded model's engine is not installed.
        """
        _ = self._endpoints

    def unanswered(self, items: Sequence[Owed]) -> list[Owed]:
        """Gives the requests that the ledger has no answer of; writes nothing."""
        if not self._ledger.exists():
            return list(items)
        with Ledger(self._ledger) as ledger, self._models(ledger) as models:
            keys = {request.key for request in models.unanswered([item.request for item in items])}
        return [item for item in items if item.request.key in keys]

    def ask(self, items: Sequence[Owed], task: str) -> dict[str, Answer]:
        """Answers requests from the ledger or, each once, from their models; says first what is owed.

        Args:
            task: what the progress is called.

        Returns:
            Answers by request key.

        Raises:
            ModelError: when a model cannot be asked; what was answered until then is kept.
        """
        prompt, completion = estimate_tokens(self.unanswered(items))
        self._progress.start(task, len(items), "answers")
        self._progress.advance(task, 0, f"about {prompt:,} tokens in, up to {completion:,} out")
        with Ledger(self._ledger) as ledger, self._models(ledger) as models:
            self.usage = models.statistics
            requests = [item.request for item in items]
            return models.answer(requests, lambda request, answer, cached: self._progress.advance(task))
