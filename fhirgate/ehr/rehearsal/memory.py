"""Launches remembered for as long as one rehearsal lasts: a `LaunchStore` without a database."""

from dataclasses import dataclass, field
from datetime import datetime

from fhirgate.services.launches import LaunchSession, PendingLaunch


@dataclass(slots=True)
class RememberedLaunches:
    """For one thread."""

    pending: dict[str, PendingLaunch] = field(default_factory=dict, repr=False)
    sessions: dict[str, LaunchSession] = field(default_factory=dict, repr=False)

    def put_pending(self, state: str, pending: PendingLaunch) -> None:
        """See `LaunchStore.put_pending`."""
        self.pending[state] = pending

    def take_pending(self, state: str) -> PendingLaunch | None:
        """See `LaunchStore.take_pending`."""
        return self.pending.pop(state, None)

    def put_session(self, session: LaunchSession) -> None:
        """See `LaunchStore.put_session`."""
        self.sessions[session.launch.id] = session

    def read_session(self, launch_id: str) -> LaunchSession | None:
        """See `LaunchStore.read_session`."""
        return self.sessions.get(launch_id)

    def lease_renewal(self, launch_id: str, version: int, until: datetime) -> bool:
        """See `LaunchStore.lease_renewal`; nobody else is there."""
        return launch_id in self.sessions

    def release_renewal(self, launch_id: str, version: int) -> None:
        """See `LaunchStore.release_renewal`."""

    def replace_session(self, session: LaunchSession) -> bool:
        """See `LaunchStore.replace_session`."""
        before = self.sessions.get(session.launch.id)
        if before is None or session.version != before.version + 1:
            return False
        self.sessions[session.launch.id] = session
        return True

    def delete_session(self, launch_id: str) -> bool:
        """See `LaunchStore.delete_session`."""
        return self.sessions.pop(launch_id, None) is not None

    def expire(self) -> int:
        """See `LaunchStore.expire`; nothing here lives long enough."""
        return 0
