func test() {
    let valid = expect("200")
    let invalid = expect("401")

    get(url)
        .login(user)
        .response { reply in
            valid.done()

            check(reply, "reply is there")
            check(reply.code == 200)
        }

    get(url)
        .login(nobody)
        .response { reply in
            invalid.done()

            check(reply, "reply is there")
            check(reply.code == 401)
        }

    wait(10)
}
