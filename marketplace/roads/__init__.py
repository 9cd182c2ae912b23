"""Which road network tells distances: OSRM or Valhalla over HTTP, a file, or nobody (an estimate)?"""
