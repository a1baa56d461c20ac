class Log {
  info(m) {
    write('info', m)
  }

  debug(m) {
    write('debug', m)
  }
}
