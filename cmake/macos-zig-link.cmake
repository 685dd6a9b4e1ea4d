# How a module is linked under toolchain-macos-zig.cmake: a true bundle whose names are looked up in
# the process that loads it. The two stubs stand for the system's libraries, which every Mac has.
set(stubs ${CMAKE_BINARY_DIR}/macos-stubs)
function(sideman_write_stub file install_name symbols)
  set(targets "[ x86_64-macos, arm64-macos ]")
  file(WRITE ${stubs}/${file} "--- !tapi-tbd\ntbd-version: 4\ntargets: ${targets}\n"
    "install-name: '${install_name}'\nexports:\n  - targets: ${targets}\n"
    "    symbols: [ ${symbols} ]\n...\n")
endfunction()
sideman_write_stub(libSystem.tbd /usr/lib/libSystem.B.dylib dyld_stub_binder)
sideman_write_stub(libc++.tbd /usr/lib/libc++.1.dylib "__ZSt9terminatev")

set(CMAKE_CXX_CREATE_SHARED_MODULE
  "${SIDEMAN_LLVM}/ld64.lld -arch ${SIDEMAN_MACOS_ARCH} -platform_version macos ${SIDEMAN_MACOS_MINIMUM} ${SIDEMAN_MACOS_MINIMUM} -bundle -undefined dynamic_lookup -adhoc_codesign -dead_strip <OBJECTS> -o <TARGET> <LINK_LIBRARIES> -L${stubs} -lSystem -lc++ -exported_symbol _ext_main")
