module icmpsift

go 1.26
