"""A seeded stream of made-up questions, English and Japanese, to fill a pattern store with.

What an index finds hard is kept: questions come in families (a subject has its own words, met again
and again), families lie close together, lengths vary from a line to a paragraph, and some questions
differ in a few words only. Nothing in it was ever asked by anyone.
"""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from consensus.embedding.static import MODEL_FOLDER, VOCABULARY_FILE
from learning.index.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

JAPANESE_SHARE = 0.5
SUBJECTS = 600
"""Families of questions in each language."""
SUBJECT_WORDS = 48
SUBJECT_SEED = 11
"""Subjects are the same for every seed: two runs ask other questions about the same world."""

NAMES = (
    "Aiko", "Alice", "Amir", "Beatriz", "Bob", "Carlos", "Chen", "Dana", "Elena", "Farid", "Grace",
    "Hana", "Igor", "Jun", "Kofi", "Lena", "Marta", "Nadia", "Omar", "Priya", "Quinn", "Rosa",
    "Sven", "Tariq", "Uma", "Viktor", "Wei", "Ximena", "Yusuf", "Zoe",
)  # fmt: skip
NAMES_JA = (
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
    "佐々木", "山口", "松本", "井上", "木村", "林", "清水", "斎藤", "山崎", "森", "池田", "橋本",
)  # fmt: skip

FRAMES = (
    "What is the difference between {0} {1} and {2} {3} when {4} matters more than {5}?",
    "Explain how {0} affects the {1} {2} of a {3} {4}.",
    "{name} has {n} {0} and gives {m} of them to {name2} for a {1} {2}. How many {0} are left?",
    "Which of the following best describes {0} {1}? (A) {2} {3} (B) {4} {5} (C) {6} (D) {7}",
    "Is it true that the {0} of {1} was {2} before the {3} {4} in {year}?",
    "Write a short note on {0}, {1} and {2} for {name}, who works with {3} {4}.",
    "In {year}, a {0} {1} of {n} {2} was reported. What caused the {3}, and which {4} followed?",
    "Given a {0} with {n} {1} and a {2} of {m}, compute the {3} of the {4}.",
    "Why do {0} {1} need a {2}, and what happens to their {3} without {4}?",
    "How would you {0} the {1} so that the {2} {3} does not {4} the {5}?",
    "Compare {0}, {1} and {2}; say which is the best {3} for a {4} of {n} people.",
    "Summarise what is known of {0} {1} since {year}, with its {2}, {3} and {4}.",
    "{name} says the {0} {1} is {2}; {name2} says it is {3}. Who is right about the {4}?",
    "Which {0} came first: {1}, {2} or {3}?",
    "Fix this: the {0} {1} returns {n} instead of {m} when the {2} {3} is {4}.",
)
TAILS = (
    " Assume the {0} is {1} and ignore {2}.",
    " The {0} {1} costs {n} a {2}, the {3} {m}.",
    " Answer with the {0} only.",
    " Consider {0}, {1} and {2} {3} before you decide.",
    " {name} already tried {0} {1} without {2}.",
)
FRAMES_JA = (
    "{0}と{1}の違いを、{2}の観点から説明してください。",
    "{0}における{1}の{2}として適切なのはどれか。a {3} b {4} c {5} d {6}",
    "{name}さんは{0}を{n}個持っていて、{m}個を{1}のために使いました。{0}は残り何個ですか。",
    "{year}年の{0}で{1}が{2}となった理由は何か。",
    "{0}が{1}に与える影響について、{2}と{3}を例に述べよ。",
    "{0}の患者に{1}を認めた。まず行うべき{2}はどれか。",
    "{0}を{1}から{2}に変更するとき、{3}で注意すべき点を教えて。",
    "{name}さんは{0}が{1}より{2}だと言い、{name2}さんは{3}が原因だと言う。正しいのはどちらか。",
    "{n}人の{0}のうち{m}人が{1}を選んだ。{2}の割合を求めよ。",
    "{0}の{1}に関する{2}を三つ挙げ、{3}との関係をまとめてください。",
    "{0}は{1}に該当しますか。{2}を根拠に答えてください。",
    "次の{0}のうち、{1}の{2}に含まれないものはどれか。{3}、{4}、{5}",
)
TAILS_JA = (
    "ただし{0}は{1}とし、{2}は考えないものとする。",
    "{0}の{1}が{n}を超えた場合も述べること。",
    "{0}だけを答えよ。",
    "なお、{name}さんは{0}を{1}で確認済みである。",
    "{0}、{1}、{2}の順に検討してください。",
)
STEMS_JA = (  # noqa: SIM905 - as text it can be read
    "経済 医療 教育 環境 技術 情報 社会 政治 法律 金融 産業 農業 水産 交通 都市 地域 国際 文化 歴史 芸術 音楽 "
    "文学 言語 心理 哲学 宗教 数学 物理 化学 生物 天文 地質 気象 海洋 森林 動物 植物 細胞 遺伝 免疫 神経 循環 "
    "呼吸 消化 内分泌 腎臓 肝臓 心臓 血管 皮膚 骨格 筋肉 感染 腫瘍 炎症 薬物 外科 小児 高齢 精神 救急 栄養 "
    "運動 食品 衣料 住宅 建築 機械 電気 電子 通信 計算 統計 確率 行列 関数 微分 積分 幾何 集合 論理 暗号 画像 "
    "音声 映像 資源 燃料 原子 電力 太陽 風力 水質 大気 土壌 廃棄 災害 地震 台風 洪水 火災 防衛 外交 選挙 議会 "
    "行政 税金 予算 年金 保険 雇用 労働 賃金 企業 会計 投資 株式 債券 為替 貿易 物流 小売 広告 観光 市場 消費"
).split()
SUFFIXES_JA = (  # noqa: SIM905 - as text it can be read
    "政策 制度 理論 技法 構造 機能 障害 反応 検査 治療 診断 予防 管理 評価 分析 設計 計画 開発 研究 調査 統計 "
    "指標 基準 規制 契約 責任 権利 義務 組織 団体 施設 装置 部品 材料 製品 工程 費用 価格 利益 損失 危険 安全 "
    "効率 品質 速度 濃度 密度 温度 圧力 周期 変化 傾向 分布 成長 減少 移行 統合 分割 比較 原則 仮説 問題 対策"
).split()
KATAKANA = (  # noqa: SIM905 - as text it can be read
    "アルゴリズム データベース ネットワーク サーバー クラウド プログラム コンパイラ メモリ キャッシュ スレッド "
    "プロトコル セキュリティ パスワード モデル パラメータ ベクトル グラフ ホルモン ビタミン タンパク ワクチン "
    "ウイルス アレルギー ストレス リハビリ マーケティング ブランド コスト リスク インフレ デフレ ローン "
    "エネルギー モーター バッテリー センサー ロボット ドローン カメラ レンズ フィルター ポンプ バルブ "
    "コンクリート ガラス プラスチック アルミニウム チタン ナトリウム カルシウム スポーツ サッカー オリンピック"
).split()


class Subject:
    """What a family of questions is about: its words, the first the most used (Zipf)."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._reach = tuple(accumulate(1.0 / rank for rank in range(1, len(words) + 1)))

    def draw(self, rng: random.Random, count: int) -> list[str]:
        """``count`` words; the same may come twice."""
        return rng.choices(self._words, cum_weights=self._reach, k=count)


@lru_cache(maxsize=1)
def _world() -> tuple[tuple[Subject, ...], tuple[Subject, ...]]:
    rng = random.Random(SUBJECT_SEED)
    vocabulary = (MODEL_FOLDER / VOCABULARY_FILE).read_text(encoding="utf-8").split("\n")
    english = [w for w in vocabulary if w.isascii() and w.isalpha() and len(w) >= 4][400:]
    japanese = [s + t for s in STEMS_JA for t in SUFFIXES_JA] + KATAKANA * 8
    return (
        tuple(Subject(rng.sample(english, SUBJECT_WORDS)) for _ in range(SUBJECTS)),
        tuple(Subject(_japanese_words(rng, japanese)) for _ in range(SUBJECTS)),
    )


def _japanese_words(rng: random.Random, words: Sequence[str]) -> list[str]:
    """A subject's words: some share a stem, as words of one subject do."""
    stem = rng.choice(STEMS_JA)
    own = [stem + suffix for suffix in rng.sample(SUFFIXES_JA, 12)]
    chosen = [*own, *rng.sample(words, SUBJECT_WORDS - len(own))]
    rng.shuffle(chosen)
    return chosen


def scenario_texts(count: int, seed: int) -> Iterator[str]:
    """``count`` questions, the same for the same ``seed``; about half are Japanese."""
    rng = random.Random(seed)
    english, japanese = _world()
    for _ in range(count):
        if rng.random() < JAPANESE_SHARE:
            yield _question(rng, japanese, FRAMES_JA, TAILS_JA, NAMES_JA)
        else:
            yield _question(rng, english, FRAMES, TAILS, NAMES)


def distinct_texts(count: int, seed: int) -> Iterator[str]:
    """As `scenario_texts`, but no two have the same words in the same order: none are one question."""
    seen: set[int] = set()
    for text in scenario_texts(1 << 60, seed):
        mark = hash(words_of(text))
        if mark not in seen:
            seen.add(mark)
            yield text
            if len(seen) == count:
                return


def _question(
    rng: random.Random,
    subjects: Sequence[Subject],
    frames: Sequence[str],
    tails: Sequence[str],
    names: Sequence[str],
) -> str:
    own, other = rng.choice(subjects), rng.choice(subjects)
    parts = [rng.choice(frames), *rng.sample(tails, rng.choice((0, 0, 1, 1, 2)))]
    words = []
    for part in parts:
        drawn = own.draw(rng, 6) + other.draw(rng, 2)
        rng.shuffle(drawn)
        words.append(
            part.format(
                *drawn,
                name=rng.choice(names),
                name2=rng.choice(names),
                n=rng.randrange(2, 5_000),
                m=rng.randrange(2, 500),
                year=rng.randrange(1850, 2027),
            )
        )
    return "".join(words)
