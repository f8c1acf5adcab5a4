"""A system on a Ray cluster: copies of it as actors, used as one system.

The caller reads and resamples the clip and sends it with the question, so the workers need neither the dataset nor a
front end. Id and settings are those of the system itself: a run may continue with or without Ray.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sseu_models.records import Capabilities, Json, Question, Reply, System, SystemDownError
from sseu_models.systems.seeding import seeded_for
from sseu_models.systems.spec import make_system

if TYPE_CHECKING:
    from sseu_models.planning import Reference


class _Copy:
    """A copy of the system in an actor."""

    def __init__(self, spec: str, settings: Mapping[str, Json], references: Sequence[Reference]) -> None:
        self._system = make_system(spec, settings, references)

    async def start(self) -> tuple[str, dict[str, Json], Capabilities]:
        await self._system.start()
        return self._system.id, dict(self._system.settings), self._system.capabilities

    async def answer(self, questions: list[Question]) -> list[Reply]:
        with seeded_for(self._system, questions):
            return await self._system.answer(questions)

    async def close(self) -> None:
        await self._system.close()


class RaySystem:
    """Implements `records.System` over actors; `capabilities.in_flight` is that of all copies together."""

    def __init__(
        self,
        spec: str,
        settings: Mapping[str, Json],
        references: Sequence[Reference],
        *,
        actors: int | None = None,
        gpus_per_actor: float = 0.0,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            spec: See `systems.spec.FORMS`.
            settings: Settings of the system.
            references: See `make_system`.
            actors: Number of copies; by default as many as the GPUs of the cluster allow, without GPUs one for every
                two CPUs.
            gpus_per_actor: GPUs of each copy.

        Raises:
            ValueError: As `make_system`; or fewer than one actor.
        """
        if actors is not None and actors < 1:
            raise ValueError(f"{actors} actors; at least 1 is needed")
        self._one: System = make_system(spec, settings, references)
        self._arguments = (spec, dict(settings), list(references))
        self._actors, self._gpus = actors, gpus_per_actor
        self._copies: list[Any] = []
        self._ours: bool | None = None  # whether `start` began the Ray session
        self._busy: list[int] = []
        self._started: tuple[str, dict[str, Json], Capabilities] | None = None

    @property
    def id(self) -> str:
        """The id of the system."""
        return self._one.id

    @property
    def settings(self) -> Mapping[str, Json]:
        """The settings of the system."""
        return self._one.settings if self._started is None else self._started[1]

    @property
    def capabilities(self) -> Capabilities:
        """The system's; `in_flight` is the sum over all copies."""
        if self._started is None:
            return self._one.capabilities
        capabilities = self._started[2]
        return replace(capabilities, in_flight=capabilities.in_flight * len(self._copies))

    async def start(self) -> None:
        """Join the cluster at `RAY_ADDRESS`, or start one here, and start every copy.

        Raises:
            SystemDownError: The copies cannot be placed or started, or they differ.
        """
        import ray

        # Audio is sent with the questions, so no working directory is uploaded.
        self._ours = not ray.is_initialized()
        ray.init(address=os.environ.get("RAY_ADDRESS"), ignore_reinit_error=True, include_dashboard=False,
                 log_to_driver=False, configure_logging=False)  # fmt: skip
        resources = ray.cluster_resources()
        cpus, gpus = resources.get("CPU", 1), resources.get("GPU", 0)
        count = self._actors or int(gpus // self._gpus if self._gpus else max(1, cpus // 2))
        if count > cpus:
            raise SystemDownError(f"{count} copies need a CPU each, the cluster has {cpus:g}; change --actors")
        if count < 1 or count * self._gpus > gpus:
            raise SystemDownError(
                f"{max(count, 1)} copies need {max(count, 1) * self._gpus:g} GPUs, the cluster has {gpus:g}; change "
                "--actors or --gpus-per-actor"
            )
        remote = ray.remote(_Copy).options(num_cpus=1, num_gpus=self._gpus, max_concurrency=1_000)
        spec, settings, references = self._arguments
        stored = ray.put(references)
        self._copies = [remote.remote(spec, settings, stored) for _ in range(count)]
        self._busy = [0] * count
        started = await asyncio.gather(*(self._wait(copy.start.remote()) for copy in self._copies))
        if any(one[:2] != started[0][:2] for one in started):
            raise SystemDownError(
                f"{self.id}: the copies differ in their settings; install the same packages everywhere"
            )
        self._started = started[0]

    async def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Pass the batch to the least busy copy.

        Raises:
            SystemDownError: The copy cannot answer any more, or its machine was lost.
        """
        place = self._busy.index(min(self._busy))
        self._busy[place] += 1
        try:
            replies: list[Reply] = await self._wait(self._copies[place].answer.remote(list(questions)))
            return replies
        finally:
            self._busy[place] -= 1

    async def _wait(self, reference: Any) -> Any:
        """The value of an object reference; Ray's errors become `SystemDownError`."""
        from ray.exceptions import RayError, RayTaskError

        try:
            return await reference
        except RayTaskError as error:
            cause = error.cause
            if isinstance(cause, SystemDownError | ValueError):
                raise cause from None
            raise SystemDownError(f"{self.id} failed in a Ray actor: {cause}") from error
        except RayError as error:
            raise SystemDownError(
                f"{self.id}: a Ray actor was lost ({type(error).__name__}); check the cluster"
            ) from error

    async def close(self) -> None:
        """End the copies and leave the cluster."""
        if self._ours is None:
            return
        import ray

        copies, self._copies = self._copies, []
        await asyncio.gather(*(copy.close.remote() for copy in copies), return_exceptions=True)
        for copy in copies:
            ray.kill(copy)
        if self._ours:
            ray.shutdown()
