# What an installation has beside the targets, which each folder installs itself: bin/strata,
# lib/strata/libstrata_runtime.a and include/strata.h.

install(FILES README.md DESTINATION share/doc/strata)
install(DIRECTORY docs examples DESTINATION share/doc/strata PATTERN __pycache__ EXCLUDE)
