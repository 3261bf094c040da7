"""The same event many times at the same moment (R2): one row, one effect, and 2xx for every copy."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from tests.chaos.events import Event, Mint
from tests.chaos.results import Results
from tests.chaos.sender import Answer, Wire
from tests.chaos.stack import Stack, running_stack

COPIES = 32


def run(results: Results, *, kind: str, ids: int, seed: int) -> None:
    part = f"storm, {kind}"
    with running_stack(kind) as stack:
        mint = Mint(stack.crowd(ids, seed), seed)
        stack.start_web()
        events = [mint.stigg(person, "subscription.updated") for person in mint.people]
        answers = asyncio.run(_post_copies(stack, events))
        stack.start_workers(2)
        stack.settle(seconds=120)
        first = [_firsts(each) for each in answers]
        bad = Counter(answer.status for each in answers for answer in each if answer.status != 200)
        worked = stack.rows("SELECT count(*), count(DISTINCT subscription_id) FROM billing_subscriptionchange")[0]
        results.figure(part, "ids × copies at once", f"{ids} × {COPIES}")
        results.nothing(part, "answers other than 200", [f"{count} × {status}" for status, count in bad.items()])
        results.check(part, "rows", stack.count(), stack.count() == ids)
        results.nothing(part, "ids of which not exactly one copy was the first", [n for n in first if n != 1])
        results.check(part, "effects: changes / subscriptions", f"{worked[0]} / {worked[1]}", worked == (ids, ids))
        results.nothing(part, "deadlocks", stack.database.deadlocks())


async def _post_copies(stack: Stack, events: list[Event]) -> list[list[Answer]]:
    secrets = {"stripe": stack.plan.secrets.stripe_webhook, "stigg": stack.plan.secrets.stigg_webhook}
    wires = [Wire(stack.web_ports, secrets, number) for number in range(COPIES)]
    return [list(await asyncio.gather(*(wire.post(event.source, event.body) for wire in wires))) for event in events]


def _firsts(answers: list[Answer]) -> int:
    return sum(not json.loads(answer.body)["duplicate"] for answer in answers if answer.status == 200)
