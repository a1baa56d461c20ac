def price(item):
    return item.cost


def tax(item):
    rate = 2

    return rate * item.cost


def label(item):
    return item.name
