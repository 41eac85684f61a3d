"""Setting one variable in an env file: the file's other lines are somebody's work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import env_file

NAME = "SRP_TRAFFIC_PERCENTAGE"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f"{NAME}=10\n", id="an empty file gets the line"),
        pytest.param("A=1", f"A=1\n{NAME}=10\n", id="a last line without an end gets one"),
        pytest.param("A=1\r\n", f"A=1\r\n{NAME}=10\r\n", id="the file's line ends are used"),
        pytest.param(f"{NAME}=5\nA=1\n", f"{NAME}=10\nA=1\n", id="in place"),
        pytest.param(
            f"{NAME}=5\n# why\nA=1\n\n{NAME}=7\nB=2\n",
            f"# why\nA=1\n\n{NAME}=10\nB=2\n",
            id="of duplicates the last, effective one is kept",
        ),
        pytest.param(f"# {NAME}=5\n", f"# {NAME}=5\n{NAME}=10\n", id="a comment sets nothing"),
        pytest.param(f"{NAME}=5 # agreed\n", f"{NAME}=10 # agreed\n", id="a comment behind stays"),
        pytest.param(f"export {NAME}='5'\n", f"export {NAME}=10\n", id="export stays, quotes go"),
        pytest.param(f"{NAME}\nA=1\n", f"{NAME}=10\nA=1\n", id="a name without a value gets one"),
        pytest.param(f"  {NAME} = 5\n", f"  {NAME}=10\n", id="indentation stays"),
        pytest.param(
            f'A="one\n{NAME}=5\nthree"\n',
            f'A="one\n{NAME}=5\nthree"\n{NAME}=10\n',
            id="text inside a quoted value is no line",
        ),
        pytest.param("\ufeffA=1\n", f"\ufeffA=1\n{NAME}=10\n", id="a byte order mark stays"),
        pytest.param("鍵='値 #1'\n", f"鍵='値 #1'\n{NAME}=10\n", id="Japanese stays"),
    ],
)
def test_a_variable_is_set_and_every_other_line_stays(before, after):
    assert env_file.with_variable(before, NAME, "10") == after


LINES = st.one_of(
    st.sampled_from(
        ["", "  ", "# note", f"{NAME}=5", f"export {NAME}='6' # c", f'{NAME}="7"', f"#{NAME}=1"]
    ),
    st.from_regex(r"[A-D]=([a-z#$ ]{0,6}|'[a-z# ]{0,5}'|\"[a-z# ]{0,5}\")", fullmatch=True),
)


@given(st.lists(LINES), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_one_effective_line_and_no_other_variable_changed(lines, end, ended):
    before = end.join(lines) + (end if ended else "")
    after = env_file.with_variable(before, NAME, "10")
    others = {k: v for k, v in env_file.variables(before).items() if k != NAME}
    assert env_file.variables(after) == others | {NAME: "10"}
    assert env_file.with_variable(after, NAME, "10") == after
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real.env"
    real.write_text("A=1\n")
    real.chmod(0o640)
    link = tmp_path / ".env"
    link.symlink_to(real)
    env_file.replace(link, "A=2\n")
    assert link.is_symlink()
    assert real.read_text() == "A=2\n"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_for_its_owner_only(tmp_path):
    env_file.replace(tmp_path / ".env", "KEY=1\n")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(IsADirectoryError):
        env_file.replace(tmp_path / ".env", "A=1\n")
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
