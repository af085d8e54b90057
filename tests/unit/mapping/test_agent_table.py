"""The list of agents: every row can be found by each of its codes and names, and nothing means two drugs."""

import csv
from importlib.resources import files

import pytest

from fhirgate.mapping.agent_table import ATC, RXNORM, class_agent, standard_agents, with_products
from fhirgate.mapping.agents import resolve_drug
from fhirgate.mapping.code_tables import table
from fhirgate.mapping.drug_names import words_of
from fhirgate.oncology.therapy import LotRole

ROWS = list(
    csv.DictReader(
        files("fhirgate.mapping").joinpath("codes", "agents.csv").read_text(encoding="utf-8").splitlines()
    )
)
COMBINED = set(table("drugs")["atc_combination"])


def found(**coding: str) -> set[str]:
    resolution = resolve_drug([{"coding": [coding]}] if "text" not in coding else [coding])
    return {agent.name for agent in resolution.agents + resolution.doubtful + resolution.other_use}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["agent"])
def test_every_agent_is_found_by_each_of_its_codes_and_by_its_name(row: dict[str, str]) -> None:
    agent = row["agent"]
    assert found(text=agent) == {agent}
    assert found(text=f" {agent.upper()} 100 mg/4 mL ") == {agent}
    if row["rxcui_ingredient"]:
        assert found(system=RXNORM, code=row["rxcui_ingredient"]) == {agent}
    for code in f"{row['atc']};{row['atc_superseded']}".split(";"):
        if code and code not in COMBINED:
            assert found(system=ATC, code=code) == {agent}
    for product in filter(None, row["rxcui_products_when_no_ingredient"].split(";")):
        code = product.strip().partition(" ")[0]
        if code.isdecimal():
            assert agent in found(system=RXNORM, code=code)


def test_the_list_is_whole() -> None:
    assert len(standard_agents().agents) == len(ROWS) == 203


def test_no_name_means_two_agents_but_those_of_combined_products() -> None:
    several = set(table("drugs")["alias_of_several"])
    names = standard_agents().names.names
    assert {" ".join(words) for words, agents in names.items() if len(agents) > 1} == several


def test_no_code_stands_in_two_rows() -> None:
    ingredients = [row["rxcui_ingredient"] for row in ROWS if row["rxcui_ingredient"]]
    current = [code for row in ROWS for code in row["atc"].split(";") if code]
    superseded = [code for row in ROWS for code in row["atc_superseded"].split(";") if code]
    assert len(ingredients) == len(set(ingredients))
    assert len(current) == len(set(current))
    assert len(superseded) == len(set(superseded))
    assert not set(current) & set(superseded)


def test_every_agent_named_in_the_tables_is_in_the_list() -> None:
    drugs = table("drugs")
    named = {name for section in ("alias", "cancer_name", "other_use_name") for name in drugs[section]}
    for section in ("alias_of_several", "atc_combination", "protocol"):
        named |= {name for agents in drugs[section].values() for name in agents}
    named |= set(table("therapy")["radionuclide"].values())
    assert named <= set(standard_agents().agents)


def test_protocol_names_are_written_as_they_are_compared() -> None:
    assert all(" ".join(words_of(name)) == name for name in table("drugs")["protocol"])


def test_products_of_two_agents_give_both() -> None:
    assert found(system=RXNORM, code="2645253") == {"abiraterone", "niraparib"}


@pytest.mark.parametrize(
    ("atc", "name", "drug_class", "role"),
    [
        ("L01FF99", "Foolimab", "ici", LotRole.COUNTS),
        ("L01FX98", "Foomab vedotin", "adc", LotRole.COUNTS),
        ("L01FX97", "Foomab", "monoclonal antibody", LotRole.COUNTS),
        ("L01EX97", "Footinib", "tki", LotRole.COUNTS),
        ("L01EF97", "Foociclib", "targeted small molecule", LotRole.COUNTS),
        ("L01DB97", "Foorubicin", "chemotherapy", LotRole.COUNTS),
        ("L01XX97", "Foo", "antineoplastic", LotRole.COUNTS),
        ("L02AE97", "Foorelin", "endocrine", LotRole.BACKBONE),
        ("L02BB97", "Foolutamide", "endocrine", LotRole.COUNTS_ENDOCRINE),
    ],
)
def test_an_unknown_code_of_an_antineoplastic_group_has_the_class_of_the_group(
    atc: str, name: str, drug_class: str, role: LotRole
) -> None:
    agent = class_agent(name, atc)
    assert agent is not None
    assert (agent.name, agent.drug_class, agent.lot_role) == (name.casefold(), drug_class, role)


def test_a_class_agent_without_a_name_goes_by_its_code() -> None:
    agent = class_agent("", "L01FF99")
    assert agent is not None
    assert agent.name == "l01ff99"


@pytest.mark.parametrize("atc", ["N02BE01", "L04AX97", "", "L"])
def test_other_groups_have_no_class(atc: str) -> None:
    assert class_agent("foo", atc) is None


def test_a_site_adds_its_products_and_its_own_catalogue() -> None:
    lines = ["code,ingredient,system", "99,1721560,", "77,carboplatin,urn:erx", "77,Pemetrexed,urn:erx"]
    site = with_products(standard_agents(), lines)
    by_product = resolve_drug([{"coding": [{"system": RXNORM, "code": "99"}]}], site)
    by_catalogue = resolve_drug([{"coding": [{"system": "urn:erx", "code": "77"}]}], site)
    assert [each.name for each in by_product.agents] == ["osimertinib"]
    assert [each.name for each in by_catalogue.agents] == ["carboplatin", "pemetrexed"]


def test_a_product_table_without_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="the product table has no column ingredient"):
        with_products(standard_agents(), ["code,drug", "1,2"])


def test_all_faults_of_a_product_table_are_told_together() -> None:
    with pytest.raises(ValueError, match=r"row 2: 0 is no agent.*row 4: an empty ingredient is no agent"):
        with_products(standard_agents(), ["code,ingredient", "1,0", "2,1721560", "3,"])
