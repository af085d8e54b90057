from pathlib import Path

import pytest

from fhirgate.config.vocabulary_file import load_vocabulary
from fhirgate.errors import ConfigurationError
from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.vocabulary import MEANINGS, Vocabulary


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
        ("", ("code: no [[code]] entry in the file",)),
        ("code = []", ("code: has no entry",)),
        ("code = 1", ("code: must be a list of tables",)),
        ("code = [1, 2]", ("code 1: must be a table", "code 2: must be a table")),
    ],
)
def test_a_file_without_entries_is_refused(tmp_path: Path, text: str, found: tuple[str, ...]) -> None:
    assert problems(tmp_path, text) == found
