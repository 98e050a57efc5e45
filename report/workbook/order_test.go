package workbook

import "testing"

func TestInOrder(t *testing.T) {
	for in, want := range map[string]string{
		`<fonts><font><sz v="1"/><b/></font><font/></fonts>`:                                           `<fonts><font><b/><sz v="1"/></font><font/></fonts>`,
		`<a:barChart><c:ser><val><f>A</f></val><smooth/><idx/></c:ser></a:barChart>`:                   `<a:barChart><c:ser><idx/><val><f>A</f></val></c:ser></a:barChart>`,
		`<lineChart><ser><val/><marker><symbol/></marker></ser><ser><idx/><smooth/></ser></lineChart>`: `<lineChart><ser><marker><symbol/></marker><val/></ser><ser><idx/><smooth/></ser></lineChart>`,
		`<?xml version="1.0"?><font><sz/><b>x</b></font> <!-- of no list of fonts -->`:                 `<?xml version="1.0"?><font><sz/><b>x</b></font> <!-- of no list of fonts -->`,
	} {
		got, err := inOrder([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
	if _, err := inOrder([]byte(`<fonts><`)); err == nil {
		t.Error("broken XML passes")
	}
}
