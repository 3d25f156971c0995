# What the program finds beside itself: the agents that are shipped as ordinary commands.
file(GLOB shared_agents CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/examples/agents/*")
foreach(agent ${shared_agents})
  get_filename_component(name "${agent}" NAME)
  configure_file("${agent}" "${CMAKE_BINARY_DIR}/share/ninelives/${name}" COPYONLY)
endforeach()
install(PROGRAMS ${shared_agents} DESTINATION share/ninelives)
