-- drop version 1
DROP FUNCTION IF EXISTS {schema}.audit_context_v01();
DROP FUNCTION IF EXISTS {schema}.audit_shape_v01(oid);
DROP FUNCTION IF EXISTS {schema}.audit_lists_v01(oid, text[], text[], text[], boolean);
DROP FUNCTION IF EXISTS {schema}.audit_form_v01(oid);
DROP FUNCTION IF EXISTS {schema}.audit_json_json_v01(json);
DROP FUNCTION IF EXISTS {schema}.audit_is_wrapper_v01(json);
DROP FUNCTION IF EXISTS {schema}.audit_json_jsonb_v01(jsonb);
DROP FUNCTION IF EXISTS {schema}.audit_json_timestamptz_v01(timestamptz);
DROP FUNCTION IF EXISTS {schema}.audit_json_timestamp_v01(timestamp);
DROP FUNCTION IF EXISTS {schema}.audit_json_date_v01(date);
DROP FUNCTION IF EXISTS {schema}.audit_far_stamp_v01(timestamp, text);
DROP FUNCTION IF EXISTS {schema}.audit_far_date_v01(date);
DROP FUNCTION IF EXISTS {schema}.audit_json_differs_v01(text, text);
