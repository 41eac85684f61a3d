"""`.env.example` and the README's table say what the typed settings say."""

from pathlib import Path

from dotenv import dotenv_values

from gateway.env_example import env_example, markdown_table
from gateway.environment import read_settings
from gateway.settings import SECTIONS

ROOT = Path(__file__).parents[3]


def test_the_env_example_in_the_tree_is_the_generated_one():
    assert (ROOT / ".env.example").read_text() == env_example()


def test_the_readme_holds_the_generated_table():
    assert markdown_table() in (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_example():
    names = {f.alias for section in SECTIONS.values() for f in section.model_fields.values()}
    commented = env_example().replace("\n# ", "\n")
    assert names <= set(dotenv_values(stream=_stream(commented)))


def test_the_example_uncommented_is_what_holds_without_it(tmp_path):
    lines = [line.removeprefix("# ") for line in env_example().splitlines()]
    (tmp_path / ".env").write_text("\n".join(line for line in lines if "=" in line.split(" ")[0]))
    assert read_settings({}, tmp_path / ".env") == read_settings({}, None)


def _stream(text):
    from io import StringIO

    return StringIO(text)
