def price(item):
    return item.cost * item.count


def total(items):
    return round(sum(price(item) for item in items), 2)


def label(item):
    return item.name.title()
