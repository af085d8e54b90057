"""What all calls to one destination share: its connections, its pace, its free places and its health."""

import threading

from fhirgate.outbound.breaker import Breaker
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.rate import Pace
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.transport import Transport


class Server:
    """The shared state of one destination, for all threads."""

    def __init__(self, destination: Destination, surroundings: Surroundings) -> None:
        monotonic = surroundings.monotonic
        self.transport = Transport(destination, surroundings.resolve)
        self.pace = Pace(destination.rate_per_second, destination.burst, monotonic)
        self.places = threading.BoundedSemaphore(destination.concurrency)
        self.breaker = Breaker(destination.failures_to_hold, destination.hold_seconds, monotonic)
