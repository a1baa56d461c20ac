from shop.price import price
