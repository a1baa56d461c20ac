def price(item):
    return item.cost


def total(items):
    return sum(price(item) for item in items)


def label(item):
    return item.name
