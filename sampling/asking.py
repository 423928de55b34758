"""A session as the ``Model`` of a stage: it asks, with the estimate and limits of the build, or only looks up."""

from __future__ import annotations

from collections.abc import Sequence

from ..schemas.model import Answer, OnAnswer, Request
from .session import Session, by_model

__all__ = ["Lookup", "StageModel"]


class StageModel:
    """Answers what one stage asks; implements the ``Model`` protocol of ``schemas``."""

    def __init__(self, session: Session, build: str, task: str) -> None:
        """Asks nothing yet.

        Args:
            build: who pays, as the ledger notes it.
            task: what the progress is called.
        """
        self._session, self._build, self._task = session, build, task

    def answer(self, requests: Sequence[Request], on_answer: OnAnswer | None = None) -> dict[str, Answer]:
        """Answers every request, each stored before it is handed back; of equal requests one is asked.

        Raises:
            ModelError: when a model cannot be asked, or a limit is reached; what was answered until then is kept.
        """
        distinct = {request.key: request for request in requests}
        if not distinct:
            return {}
        owed = {request.key for request in self._session.unanswered(distinct.values())}
        self._session.ask(by_model(distinct.values()), self._build, self._task, len(distinct))
        answers = self._session.answers(distinct.values())
        if on_answer is not None:
            for request in requests:
                on_answer(request, answers[request.key], request.key not in owed)
        return answers


class Lookup:
    """Gives stored answers and asks nothing; implements the ``Model`` protocol of ``schemas``.

    Attributes:
        owed: the requests that have no answer, or one to be asked for again, by key.
    """

    def __init__(self, session: Session) -> None:
        self.owed: dict[str, Request] = {}
        self._session = session

    def answer(self, requests: Sequence[Request], on_answer: OnAnswer | None = None) -> dict[str, Answer]:
        """Gives the answers that are there."""
        owed = {request.key: request for request in self._session.unanswered(requests)}
        self.owed |= owed
        known = [request for request in requests if request.key not in owed]
        answers = self._session.answers(known) if known else {}
        if on_answer is not None:
            for request in known:
                on_answer(request, answers[request.key], True)
        return answers
