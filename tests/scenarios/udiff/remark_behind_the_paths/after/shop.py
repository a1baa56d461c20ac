def price(item):
    return item.cost * item.count
