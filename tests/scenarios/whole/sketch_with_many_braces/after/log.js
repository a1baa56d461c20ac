class Log {
  info(m) {
    write('info', m)
  }

  debug(m) {
    write('debug', m)
  }

  fatal(m) {
    write('fatal', m)
    exit(1)
  }
}
