CREATE TEMP TABLE seed AS
SELECT g, md5('manifest' || g)::uuid AS id, md5('deal' || g)::uuid AS deal_id, md5('trip' || g)::uuid AS trip_id,
       10 * ((g / {per}) % {tens}) + 1 + g % 7 AS mover, 10 * (g % {tens}) + 7 + g % 2 AS receiver,
       1 + g % {vehicles} AS vehicle, 1 + g % {tickets} AS scale,
       timestamptz '2023-01-01' + g * (interval '3 years 300 days' / {size}) AS at,
       (ARRAY['900-214-08', '900-249-08', '900-007-09', '900-252-12', '336-064-17'])[1 + g % 5] AS code,
       CASE WHEN g > {size} * 0.999 THEN (ARRAY['issued', 'loaded', 'in_transit', 'arrived'])[1 + g % 4]
            WHEN g > {size} * 0.9 AND g % 2 = 0 THEN 'accepted' ELSE 'closed' END AS state
FROM generate_series(1, {size}) g;
INSERT INTO manifest (id, deal_id, purpose, number, state, version, mover_id, carrier_id, receiver_id, origin_site_id,
                      destination_site_id, vehicle_id, plate, driver_id, escort_id, code, edition, waste_name, hazardous, mode,
                      planned_kg, loaded_kg, accepted_kg, received_kg, reason, created_at, changed_at)
SELECT id, deal_id, 'transfer', '202342' || lpad((1 + g / 1000000)::text, 2, '0') || lpad((g % 1000000)::text, 6, '0'), state, 5, md5('org' || mover)::uuid,
       md5('org' || (10 * (1 + vehicle % {carriers}) - 1))::uuid, md5('org' || receiver)::uuid,
       md5('site' || mover)::uuid, md5('site' || receiver)::uuid, md5('vehicle' || vehicle)::uuid,
       '鄂A' || lpad(vehicle::text, 6, '0'), md5('driver' || vehicle)::uuid, md5('driver' || (1 + vehicle % {vehicles}))::uuid, code,
       CASE WHEN at < timestamptz '2025-01-01' THEN 'HW2021' ELSE 'HW2025' END, '废矿物油', true, 'use',
       20000, 20000 + g % 300, CASE WHEN state IN ('accepted', 'closed') THEN 19990 + g % 300 END,
       CASE WHEN state IN ('accepted', 'closed') THEN 19990 + g % 300 END, '', at, at + interval '1 day'
FROM seed;
INSERT INTO manifest_statement (manifest_id, stated, frozen_at, added)
SELECT id, json_build_object('category', left('HW' || right(code, 2), 4), 'hazards', 'T,I', 'dg_class', '3', 'un_number', '3082',
         'packaging', '200 L', 'packages', 100, 'management_plan', '', 'permit', 'C' || vehicle, 'licence', 'L' || receiver,
         'remarks', '', 'facts', json_build_object(), 'mover', json_build_object('name', 'mover', 'contact', '', 'place', ''),
         'carrier', json_build_object('name', 'carrier', 'contact', ''),
         'receiver', json_build_object('name', 'receiver', 'contact', '', 'place', '')), at, false
FROM seed;
INSERT INTO manifest_signature (id, manifest_id, ordinal, act, party, person_name, organisation_id, at, document_hash)
SELECT md5('sign' || g || n)::uuid, id, n, (ARRAY['issue', 'load', 'depart', 'arrive', 'accept'])[n],
       (ARRAY['mover', 'carrier', 'carrier', 'carrier', 'receiver'])[n], '签署人', md5('org' || mover)::uuid,
       at + n * interval '1 hour', md5(g::text || n) || md5(n::text || g)
FROM seed, generate_series(1, 5) n;
INSERT INTO trip (id, run_id, manifest_id, deal_id, vehicle_id, driver_id, carrier_id, mover_id, receiver_id, origin_site_id,
                  destination_site_id, planned_kg, sender_kg, receiver_kg, state, version, planned_at, watch_from, distance_m,
                  sender_shared, receiver_shared, together, tickets_shared)
SELECT trip_id, trip_id, id, deal_id, md5('vehicle' || vehicle)::uuid, md5('driver' || vehicle)::uuid,
       md5('org' || (10 * (1 + vehicle % {carriers}) - 1))::uuid, md5('org' || mover)::uuid, md5('org' || receiver)::uuid,
       md5('site' || mover)::uuid, md5('site' || receiver)::uuid, 20000, 20000, 19990,
       CASE WHEN state = 'in_transit' THEN 'under_way' ELSE 'delivered' END, 5, at, at, 50000, false, false, 0, false
FROM seed;
INSERT INTO weighing (id, device_id, inc, seq, site_id, ticket_number, plate, vehicle_id, kg, division_kg, stability, shadow,
                      at, received_at, trip_id, manifest_id, place, role, previous_hash, ticket_hash, signature, frames)
SELECT md5('weighing' || g || n)::uuid, 'scale-' || scale, 1, 4 * g + n, md5('site' || mover)::uuid, 4 * g + n,
       '鄂A' || lpad(vehicle::text, 6, '0'), md5('vehicle' || vehicle)::uuid, CASE n % 2 WHEN 1 THEN 12000 ELSE 32000 END,
       20, 'derived', false, at + n * interval '1 hour', at + n * interval '1 hour', trip_id, id,
       CASE WHEN n < 3 THEN 'source' ELSE 'destination' END, CASE n % 2 WHEN 1 THEN 'tare' ELSE 'gross' END,
       repeat('0', 64), md5(g::text || 'w' || n) || md5('w' || n || g), repeat('0', 128), '["0230"]'
FROM seed, generate_series(1, 4) n;
INSERT INTO receipt (id, manifest_id, deal_id, receiver_id, state, version, sender_kg, receiver_kg, accepted_kg,
                     within_tolerance, tolerance_kg, weighing_ids, reason, created_at)
SELECT md5('receipt' || g)::uuid, id, deal_id, md5('org' || receiver)::uuid, 'signed', 2, 20000, 19990, 19990, true, 60,
       '[]', '', at
FROM seed;
INSERT INTO ledger (seq, id, at, kind, subject, data, previous_hash, hash)
SELECT (n - 1) * {size} + g, md5('event' || g || n)::uuid, at + n * interval '1 hour', 'ManifestSigned',
       CASE WHEN n = 8 THEN deal_id WHEN n = 7 THEN trip_id ELSE id END,
       '{{"act":"load","deal":"' || deal_id || '","number":"20234201000001","state":"loaded"}}',
       md5(g::text || 'e' || (n - 1)) || md5('e' || (n - 1) || g), md5(g::text || 'e' || n) || md5('e' || n || g)
FROM seed, generate_series(1, 8) n;
INSERT INTO alert (id, key, kind, subject, state, version, trip_id, manifest_id, since, evidence, late, raised_at, changed_at,
                   reason)
SELECT md5('alert' || g)::uuid, 'off_route|' || g, 'off_route', trip_id, CASE WHEN g % 10 = 0 THEN 'open' ELSE 'closed' END,
       1, trip_id, id, at, '{{}}', false, at, at, ''
FROM seed WHERE g % 20 = 0;
INSERT INTO deadline (id, kind, subject_id, organisation_id, label, counted_from, due_on, provisional, state, version, changed_at)
SELECT md5('deadline' || g)::uuid, 'confirm', id, md5('org' || receiver)::uuid, '202342' || lpad((1 + g / 1000000)::text, 2, '0') || lpad((g % 1000000)::text, 6, '0'),
       at::date, at::date + 7, false, 'ahead', 1, at
FROM seed WHERE state = 'accepted';
