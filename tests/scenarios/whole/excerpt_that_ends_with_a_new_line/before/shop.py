import os


def price_0(item):
    return item.cost * 0


def price_1(item):
    return item.cost * 1


def price_2(item):
    return item.cost * 2


def price_3(item):
    return item.cost * 3


def price_4(item):
    return item.cost * 4


def price_5(item):
    return item.cost * 5
