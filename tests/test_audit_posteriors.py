"""What is done to posteriors, raters, verdicts and pair checks in a release, the audit names; under right hashes."""

import pytest

from benchwright.errors import ReleaseError
from benchwright.release.audit import audit
from benchwright.release.validate import validate
from benchwright.release.write import write_release

from .judged_release import CHECKLIST, contents, edit_manifest, judged_contents, release, whole
from .test_audit import edit_items, items_of, kinds

__all__ = ["contents", "release", "whole"]


def first_edge(release, confirmed):
    for item in items_of(release):
        for place, edge in enumerate(item["preference_graph"]):
            if edge["confirmed"] is confirmed:
                return item, place, edge
    raise AssertionError


def test_an_altered_posterior_is_named(release):
    item = items_of(release)[0]

    def change(rows):
        posteriors = rows[item["id"]]["responses"][0]["posteriors"]
        posteriors[1] = round(posteriors[1] / 2, 9)

    edit_items(release, change)
    found = audit(release)
    (difference,) = found.differences
    assert difference.kind == "posterior"
    assert difference.records == (item["id"], item["responses"][0]["id"], item["constraints"][1]["id"])


@pytest.mark.parametrize("length", [0, 3, 5])
def test_posteriors_of_another_length_are_refused(release, length):
    item = items_of(release)[0]
    edit_items(release, lambda rows: rows[item["id"]]["responses"][0].update(posteriors=[0.5] * length))
    with pytest.raises(ReleaseError, match="run validate") as caught:
        audit(release)
    assert f"{length} posteriors for 4 constraints" in str(caught.value)
    assert any("posteriors" in line for line in validate(release).problems)


@pytest.mark.parametrize("rater", [CHECKLIST, "code:length.words"])
def test_altered_raters_are_named(release, rater):
    def change(manifest):
        manifest["raters"]["raters"][rater]["sensitivity"] = 0.6

    edit_manifest(release, change)
    assert "posterior" in kinds(audit(release))


def test_raters_taken_away_are_refused(release):
    edit_manifest(release, lambda manifest: manifest.update(raters=None))
    with pytest.raises(ReleaseError, match="the raters in manifest"):
        audit(release)


def test_raters_under_majority_are_named(tmp_path, contents):
    release = write_release(tmp_path, judged_contents("majority"))
    edit_manifest(release, lambda manifest: manifest.update(raters=contents.raters.model_dump(mode="json")))
    (difference,) = audit(release).differences
    assert difference.kind == "raters"


def test_altered_verdicts_in_items_are_named(release):
    item = items_of(release)[0]

    def change(rows):
        labels = rows[item["id"]]["responses"][0]["labels"]
        labels[3] = 1 - labels[3] if labels[3] is not None else 1

    edit_items(release, change)
    found = audit(release)
    assert [one.records for one in found.differences if one.kind == "verdict"] == [
        (item["id"], item["responses"][0]["id"], item["constraints"][3]["id"])
    ]


@pytest.mark.parametrize(("confirmed", "then"), [(True, None), (True, False), (None, True)])
def test_an_altered_confirmation_is_named(release, confirmed, then):
    item, place, edge = first_edge(release, confirmed)
    edit_items(release, lambda rows: rows[item["id"]]["preference_graph"][place].update(confirmed=then))
    found = audit(release)
    (difference,) = [one for one in found.differences if one.kind == "edge"]
    ids = [row["id"] for row in item["responses"]]
    assert difference.records == (item["id"], ids[edge["chosen"]], ids[edge["rejected"]])
    assert difference.found.endswith(f"confirmed {then}")


def test_an_altered_check_of_a_pair_is_named(release):
    item, _, edge = first_edge(release, True)
    pair = {edge["chosen"], edge["rejected"]}
    place = next(n for n, row in enumerate(item["pair_checks"]) if {row["first"], row["second"]} == pair)
    edit_items(release, lambda rows: rows[item["id"]]["pair_checks"][place].update(answer="same"))
    found = audit(release)
    (difference,) = [one for one in found.differences if one.kind == "edge"]
    assert difference.expected == "no edge"


@pytest.mark.parametrize("confirmed", [True, False])
def test_checks_of_pairs_taken_away_are_named(release, confirmed):
    """Those that confirmed an edge, and those for which one went."""

    def standing(item):
        edges = {frozenset((edge["chosen"], edge["rejected"])) for edge in item["preference_graph"]}
        return {frozenset((row["first"], row["second"])): 0 for row in item["pair_checks"]}, edges

    item, pair = next(
        (item, pair)
        for item in items_of(release)
        for pairs, edges in [standing(item)]
        for pair in pairs
        if (pair in edges) is confirmed
    )

    def change(rows):
        checks = rows[item["id"]]["pair_checks"]
        checks[:] = [row for row in checks if {row["first"], row["second"]} != pair]

    edit_items(release, change)
    found = audit(release)
    (difference,) = [one for one in found.differences if one.kind == "edge"]
    assert (difference.found == "no edge") is not confirmed


@pytest.mark.parametrize(
    "strange",
    [{"first": 0, "second": 99}, {"first": 1, "second": 0}, {"first": 0, "second": 0}],
    ids=["nowhere", "turned", "itself"],
)
def test_checks_of_pairs_that_are_none_are_refused(release, strange):
    item = items_of(release)[0]
    more = {**strange, "rater_id": "human:a", "answer": "same"}
    edit_items(release, lambda rows: rows[item["id"]]["pair_checks"].append(more))
    with pytest.raises(ReleaseError, match="run validate"):
        audit(release)
    assert any("pair_checks" in line for line in validate(release).problems)


def test_two_checks_of_a_pair_by_one_person_are_refused(release):
    item, _, _ = first_edge(release, True)
    edit_items(
        release, lambda rows: rows[item["id"]]["pair_checks"].insert(0, dict(rows[item["id"]]["pair_checks"][0]))
    )
    with pytest.raises(ReleaseError, match="run validate"):
        audit(release)
