INSERT INTO organisation (id, uscc, name, name_en, division_code, kinds, wanted, contact, simulated, created_at,
                          insured_to, emergency_to)
SELECT md5('org' || n)::uuid, 'X' || lpad(n::text, 17, '0'), '公司' || n, 'Company ' || n,
       '42' || lpad((1 + n % 13)::text, 2, '0') || '00',
       to_json(ARRAY[CASE WHEN n % 10 < 7 THEN 'producer' WHEN n % 10 < 9 THEN 'processor' ELSE 'carrier' END]), '[]',
       '', true, now(), '2030-01-01', '2030-01-01'
FROM generate_series(1, {companies}) n;
INSERT INTO site (id, organisation_id, name, address, division_code, location, boundary)
SELECT md5('site' || n)::uuid, md5('org' || n)::uuid, '厂区' || n, '', '42' || lpad((1 + n % 13)::text, 2, '0') || '00',
       ST_SetSRID(ST_Point(112 + random(), 30 + random()), 4326),
       ST_SetSRID(ST_MakeEnvelope(112, 30, 112.01, 30.01), 4326)
FROM generate_series(1, {companies}) n;
INSERT INTO person (id, organisation_id, name, roles, permit_to, escort_to)
SELECT md5('driver' || n)::uuid, md5('org' || (10 * (1 + n % {carriers}) - 1))::uuid, '司机' || n, '["driver"]', '2030-01-01', '2030-01-01'
FROM generate_series(1, {vehicles}) n;
INSERT INTO vehicle (id, carrier_id, plate, plate_key, driver_id, home_lat, home_lon, capacity_kg, dg_classes, permit_to,
                     simulated, created_at)
SELECT md5('vehicle' || n)::uuid, md5('org' || (10 * (1 + n % {carriers}) - 1))::uuid,
       '鄂A' || lpad(n::text, 6, '0'), '鄂A' || lpad(n::text, 6, '0'), md5('driver' || n)::uuid, 30, 112, 30000,
       '["3", "6", "8", "9"]', '2030-01-01', true, now()
FROM generate_series(1, {vehicles}) n;
INSERT INTO licence (id, organisation_id, number, kind, modes, classes, issued_by, valid_from, valid_to)
SELECT md5('licence' || n)::uuid, md5('org' || n)::uuid, 'S' || n,
       CASE WHEN n % 10 = 9 THEN 'dangerous_goods' ELSE 'comprehensive' END,
       CASE WHEN n % 10 = 9 THEN '[]' ELSE '["use", "dispose"]' END::json,
       CASE WHEN n % 10 = 9 THEN '["3", "6", "8", "9"]' ELSE '[]' END::json, '', '2020-01-01', '2030-01-01'
FROM generate_series(1, {companies}) n WHERE n % 10 >= 7;
INSERT INTO licence_line (id, licence_id, code, yearly_kg)
SELECT md5('line' || n || c)::uuid, md5('licence' || n)::uuid, c, 1000000000
FROM generate_series(1, {companies}) n, unnest(ARRAY['HW08', 'HW09', 'HW12', 'HW17', 'HW34']) c WHERE n % 10 IN (7, 8);
