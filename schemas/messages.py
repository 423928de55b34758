"""Conversations: a list of messages, each a role and a content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, cast

__all__ = [
    "ROLES",
    "Message",
    "Messages",
    "as_prompt",
    "check_messages",
    "last_user_text",
    "said_and_asked",
    "transcript",
]

Role = Literal["system", "user", "assistant"]
ROLES: tuple[str, ...] = ("system", "user", "assistant")


class Message(TypedDict):
    """One turn."""

    role: Role
    """Who speaks."""
    content: str
    """What is said, never null."""


Messages = tuple[Message, ...]


def check_messages(value: Any) -> tuple[Messages, None] | tuple[None, tuple[str, str]]:
    """Reads a conversation to be answered, or says why it is none.

    Returns:
        The messages and null, or null and a (reason code, detail) pair. Codes: ``no_messages``, ``not_messages``,
        ``unknown_role``, ``null_content``, ``empty_content``, ``system_not_first``, ``ends_with_assistant``.
    """
    if value is None or (isinstance(value, Sequence) and len(value) == 0):
        return None, ("no_messages", "the message list is empty or null")
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None, ("not_messages", f"expected a list of messages, got {type(value).__name__}")
    messages: list[Message] = []
    for i, turn in enumerate(value):
        if not isinstance(turn, dict) or "role" not in turn or "content" not in turn:
            return None, ("not_messages", f"message {i} has no role and content: {str(turn)[:80]!r}")
        role, content = turn["role"], turn["content"]
        if role not in ROLES:
            return None, ("unknown_role", f"message {i} has role {role!r}; allowed: {', '.join(ROLES)}")
        if content is None or not isinstance(content, str):
            return None, ("null_content", f"message {i} ({role}) has {type(content).__name__} for content")
        if role == "system" and i > 0:
            return None, ("system_not_first", f"message {i} is a system message")
        messages.append(cast(Message, {"role": role, "content": content}))
    if messages[-1]["role"] != "user":
        return None, ("ends_with_assistant", f"the last message is the {messages[-1]['role']}'s: nothing to answer")
    if not messages[-1]["content"].strip():
        return None, ("empty_content", "the last user message is blank")
    return tuple(messages), None


def last_user_text(messages: Sequence[Message]) -> str:
    """Gives the content of the turn to answer."""
    return messages[-1]["content"]


def transcript(messages: Sequence[Message]) -> str:
    """Gives one string for a conversation: the bare content of a single user turn, else ``role: content`` blocks."""
    if len(messages) == 1:
        return messages[0]["content"]
    return "\n\n".join(f"{message['role']}: {message['content']}" for message in messages)


def as_prompt(messages: Messages) -> Messages:
    """Gives a conversation as the one prompt of a model without a chat template: its turns, and who speaks next."""
    opening = "" if len(messages) == 1 else "\n\nassistant:"
    return ({"role": "user", "content": transcript(messages) + opening},)


def said_and_asked(messages: Messages, said: str, words: str) -> Messages:
    """Gives a conversation that goes on: what the model said, then words of the user.

    Where it said nothing, the words stand below the last message, so that speakers still take turns.
    """
    if not said.strip():
        last: Message = {"role": "user", "content": f"{messages[-1]['content']}\n\n{words}"}
        return (*messages[:-1], last)
    reply: Message = {"role": "assistant", "content": said.strip()}
    user: Message = {"role": "user", "content": words}
    return (*messages, reply, user)
