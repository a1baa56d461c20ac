def price(item):
    return item.cost


def label(item):
    return item.name
