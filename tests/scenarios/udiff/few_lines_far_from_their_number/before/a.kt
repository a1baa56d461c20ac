package k

import a

fun first() {
  if (a) {
    b()
  }
}

val a0 = 0
val a1 = 1
val a2 = 2
val a3 = 3
val a4 = 4
val a5 = 5
val a6 = 6
val a7 = 7
val a8 = 8
val a9 = 9
val a10 = 10
val a11 = 11
val a12 = 12
val a13 = 13
val a14 = 14
val a15 = 15
val a16 = 16
val a17 = 17
val a18 = 18
val a19 = 19
val a20 = 20
val a21 = 21
val a22 = 22
val a23 = 23
val a24 = 24
val a25 = 25
val a26 = 26
val a27 = 27
val a28 = 28
val a29 = 29
val a30 = 30
val a31 = 31
val a32 = 32
val a33 = 33
val a34 = 34
val a35 = 35
val a36 = 36
val a37 = 37
val a38 = 38
val a39 = 39
val a40 = 40
val a41 = 41
val a42 = 42
val a43 = 43
val a44 = 44
val a45 = 45
val a46 = 46
val a47 = 47
val a48 = 48
val a49 = 49
val a50 = 50
val a51 = 51
val a52 = 52
val a53 = 53
val a54 = 54
val a55 = 55
val a56 = 56
val a57 = 57
val a58 = 58
val a59 = 59
val a60 = 60
val a61 = 61
val a62 = 62
val a63 = 63
val a64 = 64
val a65 = 65
val a66 = 66
val a67 = 67
val a68 = 68
val a69 = 69
val a70 = 70
val a71 = 71
val a72 = 72
val a73 = 73
val a74 = 74
val a75 = 75
val a76 = 76
val a77 = 77
val a78 = 78
val a79 = 79

fun last() {
  if (a) {
    c()
  }
  return
}
