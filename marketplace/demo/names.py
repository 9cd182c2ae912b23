"""What are the invented parties of the demonstration world called?"""

from __future__ import annotations

import random

from pypinyin import lazy_pinyin
from stdnum.cn import uscc

BRANDS = (
    "楚源",
    "江禾",
    "汉沃",
    "荆澜",
    "鄂瑞",
    "云泽",
    "清樾",
    "峡川",
    "沔阳湾",
    "隆中坡",
    "磁湖岸",
    "东荆",
    "望岳",
    "柏泉",
    "青云桥",
    "白浒",
    "沌阳",
    "江北湾",
    "双柏",
    "松滋岭",
    "玉泉坡",
    "鹿门",
    "长岭坡",
    "龙泉坳",
    "清江谷",
    "赤壁矶",
    "竹溪岭",
    "梧桐湾",
    "天问",
    "云梦坡",
    "蕲阳",
    "鄂渚",
    "石首湾",
    "凤凰坳",
    "桃花岭",
    "金牛坡",
    "三里畈",
    "百里洲",
    "银杏沱",
    "麻塘",
)
SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶")
GIVEN = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂红玲斌波辉凯鹏建国志海云山河江川")
UNUSED_BODY = "MAXN"
"""Organisation codes of the demonstration begin with these letters; they belong to nobody we know of."""


class Namer:
    """Invents names and codes that do not repeat, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a repeatable world, no secret
        self.taken: set[str] = set()
        self.count = 0

    def organisation(self, city: str, kind: str) -> tuple[str, str]:
        """Return a company name in Chinese and its romanisation."""
        for _ in range(1000):
            name = f"{city}{self.random.choice(BRANDS)}{kind}有限公司"
            if name not in self.taken:
                break
        else:
            name = f"{city}{self.random.choice(BRANDS)}{kind}{len(self.taken)}号有限公司"
        self.taken.add(name)
        return name, romanised(name.removesuffix("有限公司")) + " Co., Ltd."

    def uscc(self, division_code: str) -> str:
        """Return a Unified Social Credit Code with a right check character (GB 32100)."""
        self.count += 1
        body = f"91{division_code}{UNUSED_BODY}{self.count:05d}"
        return body + str(uscc.calc_check_digit(body))

    def person(self) -> str:
        """Return a person's name."""
        return self.random.choice(SURNAMES) + "".join(self.random.sample(GIVEN, self.random.choice((1, 2))))


def romanised(text: str) -> str:
    """Return Chinese text in pinyin, one capitalised word."""
    return "".join(lazy_pinyin(text)).capitalize()
