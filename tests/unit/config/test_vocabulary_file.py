import json
from pathlib import Path

import pytest

from fhirgate.config.vocabulary_file import load_vocabulary
from fhirgate.errors import ConfigurationError
from fhirgate.mapping.agent_table import RXNORM
from fhirgate.mapping.agents import resolve_drug
from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.vocabulary import MEANINGS, STANDARD, Vocabulary

SITE = "http://site.example/drugs"


def load(tmp_path: Path, text: str) -> Vocabulary:
    path = tmp_path / "ours.toml"
    path.write_text(text, "utf-8")
    return load_vocabulary(path)


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    return caught.value.problems


def entry(**keys: str) -> str:
    return "[[code]]\n" + "\n".join(f'{key} = "{value}"' for key, value in keys.items()) + "\n"


def test_codes_and_phrases_mean_what_the_file_says(tmp_path: Path) -> None:
    vocabulary = load(
        tmp_path,
        entry(system="http://site.example", code="T", means="role.target")
        + entry(text="Unchanged in size", means="state.present"),
    )

    assert vocabulary.name == "ours"
    assert vocabulary.of_coding(Coding("http://site.example", "T")) == "role.target"
    assert vocabulary.of_words("unchanged IN-size") == "state.present"


def test_a_file_may_name_itself(tmp_path: Path) -> None:
    assert load(tmp_path, 'name = "Site A"\n' + entry(text="x", means="ignore")).name == "Site A"


def test_saying_the_same_twice_is_harmless(tmp_path: Path) -> None:
    twice = entry(text="a b", means="ignore") + entry(text="A-B", means="ignore")

    assert load(tmp_path, twice).by_text == {"ab": "ignore"}


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'nam = "x"\n'
        + entry(system="a", code="b", means="role.targt")
        + entry(text="--", means="ignore")
        + entry(text="a", system="s")
        + "[[code]]\ncode = 3\nsystem = 's'\nmeans = 'role.new'\nmean = ''\n"
        + entry(text="A b", means="ignore")
        + entry(text="a-b", means="role.new")
        + entry(text=" ", means="ignore")
        + entry(system="c", means="ignore"),
    )

    assert sorted(found) == sorted(
        [
            "nam: is not a known key; did you mean name?",
            "code 1.means: role.targt is not a known meaning; did you mean role.target or role.non_target?",
            "code 2.text: has no letter or digit to compare",
            "code 3.means: is missing",
            "code 3: needs either both system and code, or text",
            "code 4.code: must be text in quotes, and not blank",
            "code 4.mean: is not a known key; did you mean means?",
            "code 6: means role.new, but code 5 says that the same means ignore",
            "code 7.text: must be text in quotes, and not blank",
            "code 8: needs either both system and code, or text",
        ]
    )


def test_a_meaning_like_no_other_is_answered_with_all_there_are(tmp_path: Path) -> None:
    assert problems(tmp_path, entry(text="x", means="zzz")) == (
        f"code 1.means: zzz is not a known meaning; known are {', '.join(sorted(MEANINGS))}",
    )


def test_contradictions_alone_are_refused_too(tmp_path: Path) -> None:
    both = entry(system="s", code="c", means="role.new") + entry(system="s", code="c", means="role.target")

    assert problems(tmp_path, both) == (
        "code 2: means role.target, but code 1 says that the same means role.new",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("no [[code]] and no [[product]] entry in the file",)),
        ("product = []", ("product: has no entry",)),
        ("code = []", ("code: has no entry",)),
        ("code = 1", ("code: must be a list of tables",)),
        ("code = [1, 2]", ("code 1: must be a table", "code 2: must be a table")),
    ],
)
def test_a_file_without_entries_is_refused(tmp_path: Path, text: str, found: tuple[str, ...]) -> None:
    assert problems(tmp_path, text) == found


def product(**keys: object) -> str:
    return "[[product]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items()) + "\n"


def test_products_stand_for_agents_by_code_and_by_name(tmp_path: Path) -> None:
    vocabulary = load(
        tmp_path,
        product(system=SITE, code="1", agents=["Carboplatin", "pemetrexed"])
        + product(system=RXNORM, code="2", agents=["osimertinib"])
        + product(name="Study tablet-O", agents=["osimertinib"])
        + product(name="carboplatin", agents=["cisplatin"]),
    )

    def found(system: str, code: str, words: str) -> list[str]:
        raw = {"coding": [{"system": system, "code": code}], "text": words}
        return [each.name for each in resolve_drug([raw], vocabulary.agents).agents]

    assert found(SITE, "1", "") == ["carboplatin", "pemetrexed"]
    assert found(RXNORM, "2", "") == ["osimertinib"]
    assert found(SITE, "9", "STUDY TABLET O 80 mg") == ["osimertinib"]
    assert found(SITE, "9", "carboplatin 450 mg") == ["cisplatin"]
    assert found(SITE, "9", "pemetrexed disodium") == ["pemetrexed"]
    assert vocabulary.over(STANDARD).agents is vocabulary.agents
    assert STANDARD.over(vocabulary).agents is vocabulary.agents


def test_without_products_the_list_of_agents_is_the_standard_one(tmp_path: Path) -> None:
    assert load(tmp_path, entry(text="x", means="ignore")).agents is None


def test_all_faults_of_products_are_reported_with_all_others(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        entry(text="x", means="zz")
        + product(name="a", agents=["osimertinob", "carboplatin", "zzzzzzz"])
        + product(name="b", agents=[])
        + product(name="--", agents=["carboplatin"])
        + product(system=SITE, agents=["carboplatin"])
        + product(name="c", code="1", agents=["carboplatin"])
        + product(name="d")
        + product(name="E e", agents=["carboplatin"])
        + product(name="e-E", agents=["cisplatin"])
        + product(system=SITE, code="5", agents=["cisplatin"], means="role.new"),
    )

    assert sorted(each for each in found if not each.startswith("code")) == sorted(
        [
            "product 1.agents: osimertinob is no agent of the list; did you mean osimertinib or cobimetinib or"
            " selumetinib?",
            "product 1.agents: zzzzzzz is no agent of the list",
            "product 2.agents: must be a list of names of agents in quotes, and not empty",
            "product 3.name: has no letter or digit to compare",
            "product 4: needs either both system and code, or name",
            "product 5: needs either both system and code, or name",
            "product 6.agents: is missing",
            "product 8: names other agents than product 7 does for the same",
            "product 9.means: is not a known key",
        ]
    )
    assert len(found) == 10
