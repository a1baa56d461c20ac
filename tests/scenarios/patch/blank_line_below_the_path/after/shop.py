def price(item):
    return item.cost * item.count


def label(item):
    return item.name.title()
