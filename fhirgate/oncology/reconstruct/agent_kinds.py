"""What kind of drug an agent is, as far as lines of therapy and therapy status ask.

Classes and subclasses are the words of the agent list (`drug_class`, `subclass_or_target`).
"""

from enum import StrEnum

from fhirgate.oncology.policy import LinesPolicy
from fhirgate.oncology.therapy import Agent, LotRole

BIOLOGICS = frozenset({"monoclonal antibody", "bispecific T-cell engager", "fusion protein"})
"""Classes that Hess 2021 calls biologics; checkpoint inhibitors and ADCs advance like any drug."""
AR_PATHWAY = frozenset({"AR pathway inhibitor", "CYP17 inhibitor", "antiandrogen (first generation)"})
ORAL_CLASSES = frozenset({"tki", "targeted small molecule", "immunomodulator"})
INFUSED_CLASSES = BIOLOGICS | {"chemotherapy", "adc", "ici", "proteasome inhibitor", "cytokine"}
ORAL_CHEMOTHERAPY = frozenset(
    {
        "busulfan",
        "capecitabine",
        "chlorambucil",
        "lomustine",
        "mitotane",
        "procarbazine",
        "tegafur",
        "temozolomide",
        "trifluridine",
    }
)
EITHER_WAY = frozenset(
    {
        "cyclophosphamide",
        "etoposide",
        "melphalan",
        "methotrexate",
        "topotecan",
        "vinorelbine",
    }
)
DEPOTS = frozenset({"fulvestrant", "octreotide", "lanreotide"})
"""Endocrine agents given as monthly injections, GnRH analogues apart."""


class Route(StrEnum):
    """How an agent is given, as far as its effect outlasts the last dose known."""

    ORAL = "oral"
    INFUSION = "infusion"
    DEPOT = "depot"
    UNKNOWN = "unknown"


def route_of(agent: Agent) -> Route:
    """The usual route of an agent; unknown where both are usual."""
    name = agent.name
    if name in EITHER_WAY:
        return Route.UNKNOWN
    if name in ORAL_CHEMOTHERAPY or name == "relugolix":
        return Route.ORAL
    if name in DEPOTS or is_backbone(agent):
        return Route.DEPOT
    if agent.drug_class in INFUSED_CLASSES or name == "temsirolimus":
        return Route.INFUSION
    if agent.drug_class in ORAL_CLASSES or agent.drug_class == "endocrine":
        return Route.ORAL
    return Route.UNKNOWN


def is_backbone(agent: Agent) -> bool:
    """Whether it is given under all other therapy: GnRH analogues."""
    return agent.lot_role is LotRole.BACKBONE


def is_platinum(agent: Agent) -> bool:
    """Whether it is a platinum, oxaliplatin included."""
    return "platinum" in (agent.subclass, agent.interchange_group)


def is_biologic(agent: Agent) -> bool:
    """Whether the rules for added biologics speak of it."""
    return agent.drug_class in BIOLOGICS


def is_anti_egfr(agent: Agent) -> bool:
    """Whether it is an antibody against EGFR alone."""
    return agent.drug_class == "monoclonal antibody" and agent.subclass == "EGFR"


def is_anti_her2(agent: Agent) -> bool:
    """Whether it is a naked antibody against HER2; an ADC is another agent."""
    return agent.drug_class == "monoclonal antibody" and agent.subclass == "HER2"


def is_cdk46(agent: Agent) -> bool:
    """Whether it inhibits CDK4/6."""
    return agent.subclass == "CDK4/6"


def joins_castration(agent: Agent) -> bool:
    """Whether it is combined with androgen deprivation from the start: AR pathway or docetaxel."""
    return agent.subclass in AR_PATHWAY or agent.name == "docetaxel"


def maintains(agent: Agent, policy: LinesPolicy) -> bool:
    """Whether it may be all that is left of a regimen as continuation maintenance."""
    fluoropyrimidine = "fluoropyrimidine" in (agent.subclass, agent.interchange_group)
    listed = agent.name in policy.continuation_maintenance_drugs
    return listed or agent.is_ici or fluoropyrimidine or is_anti_egfr(agent)


def interchangeable(one: Agent, other: Agent) -> bool:
    """Whether exchanging one for the other never advances a line; an agent with itself included."""
    same_group = bool(one.interchange_group) and one.interchange_group == other.interchange_group
    return one.name == other.name or same_group
