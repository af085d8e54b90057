"""From codes and printed names to agents, in the order of domain.md §10.3."""

import pytest
from therapy_json import ATC, RXNORM, codings, concept

from fhirgate.mapping.agents import agents_in, resolve_drug


def found(drug: dict[str, object]) -> list[str]:
    return [agent.name for agent in resolve_drug([drug]).agents]


@pytest.mark.parametrize(
    ("printed", "agents"),
    [
        ("pembrolizumab 100 MG/4ML Injection [Keytruda]", ["pembrolizumab"]),
        ("PEMBROLIZUMAB", ["pembrolizumab"]),
        ("  Osimertinib\n80 mg ", ["osimertinib"]),
        ("trastuzumab-dkst 420 MG Injection [Ogivri]", ["trastuzumab"]),
        ("fam-trastuzumab deruxtecan-nxki", ["trastuzumab deruxtecan"]),
        ("ado-trastuzumab emtansine 100 MG [Kadcyla]", ["trastuzumab emtansine"]),
        ("T-DM1", ["trastuzumab emtansine"]),
        ("5-FU", ["fluorouracil"]),
        ("10 ML doxorubicin hydrochloride 2 MG/ML Injection", ["doxorubicin"]),
        ("Doxorubicinhydrochlorid", ["doxorubicin"]),
        ("Erlotinibhydrochloride", ["erlotinib"]),
        ("Leuprorelinacetat", ["leuprolide"]),
        ("Gemcitabin 1000 mg", ["gemcitabine"]),
        ("nab-Paclitaxel", ["paclitaxel"]),
        ("abiraterone acetate 500 MG / niraparib 100 MG Oral Tablet [Akeega]", ["abiraterone", "niraparib"]),
        ("nivolumab and relatlimab", ["nivolumab", "relatlimab"]),
        ("Carboplatin + Pemetrexed + Pembrolizumab", ["carboplatin", "pembrolizumab", "pemetrexed"]),
        ("Adcetris", ["brentuximab vedotin"]),
        ("lutetium Lu 177 vipivotide tetraxetan", ["lutetium vipivotide tetraxetan"]),
        ("calcium folinate", ["leucovorin"]),
        ("cisplatinum-like extract", []),
        ("osimertinibs", []),
        ("", []),
    ],
)
def test_a_printed_name_gives_all_its_agents(printed: str, agents: list[str]) -> None:
    assert found(concept(text=printed)) == agents
    assert found({"coding": [{"system": "urn:ndc", "code": "1", "display": printed}]}) == agents


@pytest.mark.parametrize(
    ("system", "code", "agents"),
    [
        (RXNORM, "1721560", ["osimertinib"]),
        ("urn:oid:2.16.840.1.113883.6.88", "1721560", ["osimertinib"]),
        (ATC, "L01EB04", ["osimertinib"]),
        ("http://www.whocc.no/atc", "l01eb04", ["osimertinib"]),
        ("", "L01EB04", ["osimertinib"]),
        ("http://www.whocc.no/atc", "L01XC17", ["nivolumab"]),
        (ATC, "L01FY02", ["nivolumab", "relatlimab"]),
        (RXNORM, "2645253", ["abiraterone", "niraparib"]),
        ("", "1721560", []),
        ("http://snomed.info/sct", "1721560", []),
    ],
)
def test_a_code_gives_its_agents(system: str, code: str, agents: list[str]) -> None:
    assert found(concept(code, system)) == agents


def test_codings_of_one_drug_in_several_systems_are_one_agent() -> None:
    assert found(codings((RXNORM, "1721560", "osimertinib"), (ATC, "L01EB04", "Osimertinib"))) == [
        "osimertinib"
    ]


def test_two_different_drugs_in_one_concept_are_a_combination() -> None:
    drug = codings((ATC, "L01CD01", "Paclitaxel"), (ATC, "L01XA02", "Carboplatin"))
    assert found(drug) == ["carboplatin", "paclitaxel"]


def test_a_misspelt_code_beside_a_good_one_is_read_by_its_display() -> None:
    drug = codings((ATC, "L01AA01", "Cyclophosphamid"), (ATC, "01DB01", "Doxorubicin"))
    assert found(drug) == ["cyclophosphamide", "doxorubicin"]


def test_an_unknown_antineoplastic_code_gives_an_agent_of_its_class() -> None:
    resolution = resolve_drug([concept("L01FF99", ATC, "Foolimab")])
    assert [(each.name, each.drug_class) for each in resolution.agents] == [("foolimab", "ici")]
    assert resolution.by_class == resolution.agents
    assert resolution.code == f"{ATC}|L01FF99"


def test_an_unknown_code_beside_a_known_one_is_a_second_drug() -> None:
    drug = codings((ATC, "L01XA02", "Carboplatin"), (ATC, "L01FF99", "Foolimab"))
    assert found(drug) == ["carboplatin", "foolimab"]


def test_an_unknown_atc_code_beside_a_known_rxnorm_code_is_the_same_drug() -> None:
    assert found(codings((RXNORM, "1721560", ""), (ATC, "L01EB99", ""))) == ["osimertinib"]


def test_the_group_of_a_known_atc_code_is_no_second_drug() -> None:
    assert found(codings((ATC, "L01EB04", ""), (ATC, "L01EB", "EGFR inhibitors"))) == ["osimertinib"]


def test_a_name_that_contradicts_its_code_is_told_and_the_code_wins() -> None:
    resolution = resolve_drug([concept("2555", display="carboplatin")])
    assert [each.name for each in resolution.agents] == ["cisplatin"]
    assert resolution.contradicted == "carboplatin"


def test_the_ingredients_of_a_product_are_one_drug() -> None:
    resolution = resolve_drug([concept(text="FOLFOX bag"), concept("4492"), concept(text="oxaliplatin")])
    assert [each.name for each in resolution.agents] == ["fluorouracil", "oxaliplatin"]
    assert resolution.label == "FOLFOX bag"


@pytest.mark.parametrize(
    ("drug", "sure", "doubtful", "other"),
    [
        (concept("141704"), [], ["everolimus"], []),
        (concept(text="everolimus 10 MG [Afinitor]"), ["everolimus"], [], []),
        (concept(text="Zortress (everolimus)"), [], [], ["everolimus"]),
        (concept("L01EG02", ATC), ["everolimus"], [], []),
        (concept("L04AH02", ATC), [], [], ["everolimus"]),
        (concept("L01BA01", ATC), ["methotrexate"], [], []),
        (concept("L04AX03", ATC), [], [], ["methotrexate"]),
        (concept("G03DB02", ATC), [], [], ["megestrol"]),
        (concept("H01CB02", ATC), [], ["octreotide"], []),
        (concept(text="ziv-aflibercept"), ["aflibercept"], [], []),
        (concept(text="Eylea"), [], [], ["aflibercept"]),
        (concept("L04AX04", ATC), ["lenalidomide"], [], []),
    ],
)
def test_a_drug_with_another_use_counts_only_where_code_or_name_say_cancer(
    drug: dict[str, object], sure: list[str], doubtful: list[str], other: list[str]
) -> None:
    resolution = resolve_drug([drug])
    assert [each.name for each in resolution.agents] == sure
    assert [each.name for each in resolution.doubtful] == doubtful
    assert [each.name for each in resolution.other_use] == other


def test_the_use_one_part_of_a_product_tells_holds_for_all_of_it() -> None:
    sure = resolve_drug([concept(text="everolimus"), concept(text="Afinitor")])
    other = resolve_drug([concept(text="everolimus"), concept(text="Certican")])
    assert (len(sure.agents), sure.doubtful) == (1, ())
    assert (len(other.other_use), other.doubtful) == (1, ())


@pytest.mark.parametrize("text", ["fluorouracil 50 MG/ML Topical Cream", "Mitomycin ophthalmic"])
def test_creams_and_eye_drops_act_locally(text: str) -> None:
    assert resolve_drug([concept(text=text)]).local_use


@pytest.mark.parametrize("drug", [concept("N02BE01", ATC), concept(text="Morphinsulfat 10 mg")])
def test_drugs_of_other_groups_and_well_known_companions_are_no_antineoplastics(
    drug: dict[str, object],
) -> None:
    assert resolve_drug([drug]).other_drug


@pytest.mark.parametrize(
    ("text", "agents"),
    [
        ("FOLFOX", ["fluorouracil", "oxaliplatin"]),
        ("Gem-Carbo", ["carboplatin", "gemcitabine"]),
        ("AC", ["cyclophosphamide", "doxorubicin"]),
        ("Carboplatin weekly", ["carboplatin"]),
        ("see chart, AC done", []),
    ],
)
def test_a_protocol_is_known_by_its_whole_name(text: str, agents: list[str]) -> None:
    assert [each.name for each in agents_in(text)] == agents


def test_nothing_at_all_resolves_to_nothing() -> None:
    resolution = resolve_drug([])
    assert not resolution.known
    assert not resolution.other_drug
